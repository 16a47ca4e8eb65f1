import { pathOf } from '@sp/quant/files';
import { CXX_FLAGS } from '../emit/build-files.ts';
import type { ProjectDescription } from '../emit/project.ts';
import { readProject } from '../emit/read-project.ts';
import { CompileError, NoCompilerError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { endingText, type ProcessLimits, requireLimits, runChild } from './child.ts';

/** Longest time for a version, in milliseconds. */
const MINUTE = 60_000;

/** A project that can be run. */
export interface CompiledProject {
  readonly dir: string;
  readonly description: ProjectDescription;
  /** Program that serves the network; see `predict` and `trace`. */
  readonly executable: string;
  /** Index of the network in the program. */
  readonly network: number;
  /** Compiler that was used. */
  readonly compiler: string;
  /** True when nothing had to be compiled. */
  readonly cached: boolean;
}

/** How to compile. The limits hold for each program that is started: the compiler, and its `--version` before. */
export interface CompileOptions extends ProcessLimits {
  /** C++17 compiler: a program, or a command with words (`ccache g++`, `g++ -m64`). Default: the environment's `CXX`, else `g++`, else `clang++`. */
  readonly cxx?: string;
  /** More compiler flags, after the built-in ones. */
  readonly flags?: readonly string[];
  /** Folder with AMD's `ap_fixed.h` and `ap_int.h`, to compile with those instead of our own header. */
  readonly apTypes?: string;
}

/**
 * Compiles the simulation of a written project, into its `build/` folder. The program's name carries a hash of sources, flags and
 * compiler version, so that nothing is compiled twice.
 *
 * @param place folder of the project: path or `file:` URL
 * @throws NoCompilerError when there is no compiler
 * @throws CompileError with the compiler's output when it fails, runs or prints past its limit, or leaves no program
 * @throws the reason of `signal` when that is aborted
 * @throws FirmwareError when `dir` is not a project
 */
export async function compile(place: string | URL, options: CompileOptions = {}): Promise<CompiledProject> {
  const { resolve } = nodeModules().path;
  const dir = pathOf(place);
  const description = await readProject(dir);
  const built = await compileProgram(dir, `${description.name}_bridge`, options);
  return { dir: resolve(dir), description, network: 0, ...built };
}

/** Compiles `<program>.cpp` of a folder, with the kernels in its `firmware/`. */
export async function compileProgram(
  dir: string,
  program: string,
  options: CompileOptions = {},
): Promise<Pick<CompiledProject, 'executable' | 'compiler' | 'cached'>> {
  const { mkdir, rename, rm } = nodeModules().fs;
  const { join, resolve } = nodeModules().path;
  const folder = resolve(dir);
  const { command, words, version } = await findCompiler(options.cxx, options);
  const ap = options.apTypes === undefined ? [] : ['-DSP_USE_AP_TYPES', `-I${resolve(options.apTypes)}`];
  const [compiler, ...given] = words;
  const flags = [...given, ...CXX_FLAGS, ...ap, ...(options.flags ?? [])];
  const hash = await contentHash(folder, [version, ...flags]);
  const build = join(folder, 'build');
  const executable = join(build, `${program}-${hash}`);
  if ((await faultOf(executable)) === undefined) return { executable, compiler: command, cached: true };

  await mkdir(build, { recursive: true });
  const temporary = `${executable}.${process.pid}.part`;
  const args = [...flags, '-Ifirmware/sp', '-Ifirmware', `${program}.cpp`, '-o', temporary];
  try {
    const { output, ...ending } = await runChild(compiler, args, options, { cwd: folder });
    const source = join(folder, `${program}.cpp`);
    if (ending.code !== 0) {
      // The driver of GCC lives on when the system kills the compiler proper.
      const hint = /Killed signal terminated program/.test(output) ? ' (out of memory?)' : '';
      throw new CompileError(
        `${command} failed on ${source}: it ${endingText(ending)}${hint}${output.trim() === '' ? ' and printed nothing' : `:\n${output.slice(0, 4000)}`}`,
        output,
      );
    }
    const fault = await faultOf(temporary);
    if (fault !== undefined) {
      throw new CompileError(
        `${command} ended well on ${source}, but what it should have made ${fault}; is it a C++ compiler?`,
        output,
        'result',
      );
    }
    await rename(temporary, executable);
  } finally {
    await rm(temporary, { force: true, recursive: true });
  }
  return { executable, compiler: command, cached: false };
}

/**
 * The C++ compiler to use: the command as given, the program to start with the words before all other arguments, its version line.
 *
 * @param cxx command to try alone; default the environment's `CXX`, else `g++`, else `clang++`
 * @param limits of each start; `timeLimit` is a minute by default
 * @throws NoCompilerError naming what was tried
 * @throws the reason of `limits.signal` when that is aborted
 */
export async function findCompiler(
  cxx?: string,
  limits: ProcessLimits = {},
): Promise<{ command: string; words: readonly string[]; version: string }> {
  const { resolve } = nodeModules().path;
  const environment = process.env['CXX'];
  const candidates = cxx !== undefined ? [cxx] : environment ? [environment] : ['g++', 'clang++'];
  requireLimits(limits);
  const { timeLimit = MINUTE, outputLimit, signal } = limits;
  const short: ProcessLimits = {
    timeLimit: Math.min(timeLimit, MINUTE),
    ...(outputLimit !== undefined && { outputLimit }),
    ...(signal !== undefined && { signal }),
  };
  const troubles: string[] = [];
  for (const command of candidates) {
    let trouble = command;
    for (const words of readings(command)) {
      const [program, ...given] = words;
      // It is started in other folders too.
      if (program.includes('/')) words[0] = resolve(program);
      try {
        const { output, ...ending } = await runChild(words[0], [...given, '--version'], short);
        if (ending.code === 0) return { command, words, version: output.split('\n')[0] };
        trouble = `${command} (--version ${endingText(ending)})`;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof CompileError)) throw error;
        // Not there, most likely: try the next one.
        if (error.failure !== 'start') trouble = `${command} (--version: ${error.message})`;
      }
    }
    troubles.push(trouble);
  }
  const from = cxx !== undefined ? ' (option cxx)' : environment ? ' (environment variable CXX)' : '';
  throw new NoCompilerError(
    `no C++ compiler: tried ${troubles.join(', ')}${from}. Install g++ or clang++, or set CXX to a C++17 compiler; only simulating the firmware needs one`,
  );
}

/** A program, whatever blanks its path has; or else words, as a shell would split them. */
function readings(command: string): string[][] {
  const words = command.split(/\s+/).filter((word) => word !== '');
  return words.length > 1 ? [[command], words] : [words.length === 1 ? words : [command]];
}

/** What keeps a file from being started, as the end of a sentence. */
async function faultOf(path: string): Promise<string | undefined> {
  const { access, constants, stat } = nodeModules().fs;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'is not there';
  if (!found.isFile()) return 'is no file';
  if (found.size === 0) return 'is empty';
  return access(path, constants.X_OK).then(
    () => undefined,
    () => 'is not executable',
  );
}

async function contentHash(folder: string, more: readonly string[]): Promise<string> {
  const { createHash } = nodeModules().crypto;
  const { readdir, readFile } = nodeModules().fs;
  const { join, relative } = nodeModules().path;
  const hash = createHash('sha256');
  for (const text of more) hash.update(`${text}\0`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(h|cpp)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).startsWith('build'))
    .sort();
  for (const file of files) {
    hash.update(`${relative(folder, file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
