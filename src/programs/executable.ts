import { constants, existsSync } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { quoted } from '../../lib/visible';

/** Enough for the headers of an ELF file, and for the first line of a script. */
const HEAD_BYTES = 4096;
/** What an ELF file names that runs it, where it is linked dynamically. */
const PT_INTERP = 3;

/** `e_machine` of an ELF file, with the names that Node.js and QEMU have for it. */
const MACHINES: Readonly<Record<number, { readonly arch: string; readonly qemu: string }>> = {
  3: { arch: 'ia32', qemu: 'i386' },
  21: { arch: 'ppc64', qemu: 'ppc64le' },
  22: { arch: 's390x', qemu: 's390x' },
  40: { arch: 'arm', qemu: 'arm' },
  62: { arch: 'x64', qemu: 'x86_64' },
  183: { arch: 'arm64', qemu: 'aarch64' },
  243: { arch: 'riscv64', qemu: 'riscv64' },
};

/**
 * Why a file cannot be run as a program, from what it is and how it begins. It is not run: a file that the system does not
 * know as a program would be handed to a shell, line by line.
 *
 * @returns a sentence that names the file; undefined where nothing speaks against it
 */
export async function whyNotExecutable(file: string): Promise<string | undefined> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error)
    return found.code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be inspected (${found.code})`;
  if (found.isDirectory()) return `${file} is a folder, not a file: name the program in it`;
  if (!found.isFile()) return `${file} is not a file`;
  if (found.size === 0) return `${file} is empty`;
  // First what it is: the permission to run it would not make a program of a text.
  const head = await headOf(file);
  const problem = head === undefined ? undefined : problemIn(head);
  if (problem !== undefined) return `${file} ${problem}`;
  const isAllowed = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  return isAllowed ? undefined : `${file} is not executable (chmod +x ${file})`;
}

/** The beginning of a file; undefined where it may be run, but not read. */
async function headOf(file: string): Promise<Buffer | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function problemIn(head: Buffer): string | undefined {
  if (head.toString('latin1', 0, 2) === '#!') return scriptProblem(head);
  const format = formatOf(head);
  if (format === undefined) return 'is not a program: neither a binary, nor a script that begins with #!';
  const here = process.platform === 'darwin' ? 'macOS' : 'Linux';
  if (format !== here) return `is a program for ${format}, and this is ${here}`;
  return format === 'Linux' ? machineProblem(head) : undefined;
}

function formatOf(head: Buffer): 'Linux' | 'macOS' | 'Windows' | undefined {
  const magic = head.length < 4 ? 0 : head.readUInt32BE(0);
  if (magic === 0x7f454c46) return 'Linux';
  if ([0xcffaedfe, 0xcefaedfe, 0xfeedfacf, 0xfeedface, 0xcafebabe].includes(magic)) return 'macOS';
  return head.toString('latin1', 0, 2) === 'MZ' ? 'Windows' : undefined;
}

function scriptProblem(head: Buffer): string | undefined {
  const [, interpreter] = /^#![ \t]*([^\s]+)/.exec(head.toString('utf8')) ?? [];
  if (interpreter === undefined) return 'is a script without an interpreter: write one after #!';
  return existsSync(interpreter) ? undefined : `is a script for ${interpreter}, which does not exist`;
}

function machineProblem(head: Buffer): string | undefined {
  if (head.length < 20) return 'is cut off: fetch or build it again';
  const isBigEndian = head[5] === 2;
  const machine = MACHINES[isBigEndian ? head.readUInt16BE(18) : head.readUInt16LE(18)];
  // Machines that run 32-bit programs of their own kind are many.
  const isFit =
    machine === undefined || machine.arch === process.arch || (machine.arch === 'ia32' && process.arch === 'x64');
  if (isFit) return loaderProblem(head, isBigEndian);
  if (existsSync(`/proc/sys/fs/binfmt_misc/qemu-${machine.qemu}`)) return undefined;
  return `is built for ${machine.arch}, and this machine is ${process.arch}: build or fetch it for this one`;
}

/** Without what loads it a program does not start, and the system says no more than that there is no such file. */
function loaderProblem(head: Buffer, isBigEndian: boolean): string | undefined {
  const is64 = head[4] === 2;
  if (head.length < 64) return undefined;
  const u16 = (at: number) => (isBigEndian ? head.readUInt16BE(at) : head.readUInt16LE(at));
  const u32 = (at: number) => (isBigEndian ? head.readUInt32BE(at) : head.readUInt32LE(at));
  const offset = (at: number) => {
    if (!is64) return u32(at);
    return Number(isBigEndian ? head.readBigUInt64BE(at) : head.readBigUInt64LE(at));
  };
  const [table, size, count] = is64 ? [offset(32), u16(54), u16(56)] : [u32(28), u16(42), u16(44)];
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    // What lies beyond is not looked for.
    if (size === 0 || at + 40 > head.length) return undefined;
    if (u32(at) !== PT_INTERP) continue;
    const start = offset(at + (is64 ? 8 : 4));
    const end = start < head.length ? head.indexOf(0, start) : -1;
    if (end < 0) return undefined;
    const loader = head.toString('utf8', start, end);
    return existsSync(loader)
      ? undefined
      : `needs ${quoted(loader, 200)}, which is not here: take a build that is linked statically`;
  }
  return undefined;
}
