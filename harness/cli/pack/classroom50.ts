/**
 * Classroom 50: the folder of an assignment's own autograder, with `autograder.py`, which its runner calls in the student's checkout. It leaves
 * `result.json`, and the body of the release. A grading that errored leaves none, and a code that is not 0: the runner then says that the
 * autograder failed.
 * Reference: Classroom 50's wiki, "Advanced Autograding" (environment, working folder, files, exit codes).
 */
import { type Platform, PROGRAM } from './platform.ts';

const script = (rubric: string) => `#!/usr/bin/env python3
"""Written by "bootgrade pack classroom50". The runner calls it in the student's checkout, for each submission."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
env = os.environ


def committed():
    """When the commit was made that is graded, in UTC."""
    form = "--date=format-local:%Y-%m-%dT%H:%M:%SZ"
    command = ["git", "log", "-1", "--format=%cd", form]
    return subprocess.run(command, env={**env, "TZ": "UTC"}, capture_output=True, text=True).stdout.strip()


def remove(name):
    """What the student has committed under this name: a link would lead elsewhere, and a result of theirs must not be taken for ours."""
    path = pathlib.Path(name)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main():
    for name in ("result.json", "release-body.md"):
        remove(name)
    of = {
        "classroom": env.get("CLASSROOM", ""),
        "assignment": env.get("ASSIGNMENT", ""),
        "type": env.get("ASSIGNMENT_TYPE") or "individual",
        "owner": env.get("OWNER") or env.get("USERNAME", ""),
        "submission": env.get("SUBMISSION_TAG", ""),
        "commit": env.get("COMMIT_URL", ""),
        "release": env.get("RELEASE_URL", ""),
        "review": env.get("REVIEW_URL") or env.get("COMMIT_URL", ""),
        "datetime": committed(),
    }
    with tempfile.TemporaryDirectory() as folder:
        command = ["node", str(here / "${PROGRAM}"), "grade", "--single", "--for", "student", "--out", folder]
        command += ["--report", "classroom50,markdown"]
        command += [f"--classroom50-{name}={value}" for name, value in of.items()]
        command += ["--", str(here / "${rubric}"), "."]
        code = subprocess.run(command).returncode
        result = next(pathlib.Path(folder).glob("*.classroom50.json"), None)
        if code != 0 or result is None:
            return code or 1
        shutil.copyfile(result, "result.json")
        report = str(result).replace(".classroom50.json", ".md")
        shutil.copyfile(report, "release-body.md")
    return 0


sys.exit(main())
`;

export const classroom50: Platform = {
  describe: "an assignment's autograder for Classroom 50",
  form: 'folder',
  isPublic: true,
  next: 'put it into the configuration repository as CLASSROOM/autograders/ASSIGNMENT',
  files: (rubric) => [{ name: 'autograder.py', content: script(rubric), isProgram: true }],
};
