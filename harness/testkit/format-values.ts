/** Values for the options that formats must have, by format: for those who go through all formats. */
export const SAMPLE_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  classroom50: {
    classroom: 'cs',
    assignment: 'lab13',
    owner: 'alice',
    submission: 'submit/1',
    commit: 'https://example.org/c',
    release: 'https://example.org/r',
    datetime: '2026-10-01T12:00:00Z',
  },
  canvas: { assignment: 'Lab 13 (4711)' },
  blackboard: { column: 'Lab 13 |4711' },
  moodle: { worksheet: 'Identifier,Full name,Grade,Feedback comments\nParticipant 1,alice,,\nParticipant 2,mallory,,\n' },
};
