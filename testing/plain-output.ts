/**
 * Set-up of every test: no colours. The commands that tests start inherit this process's environment, and vitest asks for colours in it
 * wherever it prints them itself, in a terminal or on a system for continuous integration.
 */
for (const name of ['FORCE_COLOR', 'CLICOLOR_FORCE', 'NO_COLOR']) delete process.env[name];
