/** Words that names in the emitted C++ must avoid. Compared without regard to case: files, include guards and VHDL do not tell `A` from `a`. */

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Keywords of C++20 with the alternative tokens. */
const KEYWORDS = words(`
  alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept const consteval
  constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit
  export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
  protected public register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template
  this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq`);

/** Names that the emitted code and the tools' headers use, and Verilog keywords that HLS tools trip over as port names. */
const TOOLS = words(`
  main std sp hls ap_fixed ap_ufixed ap_int ap_uint half
  input output inout wire reg module always begin end initial assign parameter signal entity port process in out block buffer`);

/** What C libraries define as macros in lower case; those in upper case are recognised by their spelling. */
const MACROS = words(
  'assert errno stdin stdout stderr offsetof setjmp va_arg va_copy va_end va_start alloca major minor makedev unix linux i386',
);

/** Variables that C libraries declare: a function cannot have their names, and what is local would hide them. */
const VARIABLES = words('daylight environ opterr optarg optind optopt program_invocation_name signgam timezone tzname');

/** Windows' devices: no file has such a name there, whatever its ending. */
const DEVICES = words(`
  aux con prn nul com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9`);

/** No value may be called so. */
export const RESERVED: ReadonlySet<string> = new Set([...KEYWORDS, ...TOOLS, ...MACROS, ...VARIABLES, ...DEVICES]);

/** Files of `firmware/` beside the top function's. */
const OUR_HEADERS = ['defines', 'parameters'];

/** Headers `<word>.h` of C, POSIX and C libraries that a header of the top function would stand in for, where `firmware/` is searched. */
const SYSTEM_HEADERS = words(`
  aio alloca assert byteswap complex cpio ctype dirent dlfcn elf endian err errno error fcntl features fenv float fmtmsg fnmatch fts ftw
  getopt glob grp iconv ifaddrs inttypes io iso646 langinfo libgen libintl limits link locale malloc math memory mntent monetary mqueue
  netdb nl_types paths poll process pthread pwd regex resolv sched search semaphore setjmp shadow signal spawn stab stdalign stdarg
  stdatomic stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string strings syscall sysexits syslog tar termios tgmath threads time
  trace uchar ucontext ulimit unistd utime utmp utmpx values wait wchar wctype wordexp`);

/** The top function may not be called so either: it gives its name to files. */
export const RESERVED_TOPS: ReadonlySet<string> = new Set([...OUR_HEADERS, ...SYSTEM_HEADERS]);
