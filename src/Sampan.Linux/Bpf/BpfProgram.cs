using System.Text;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Bpf;

/// <summary>Loads programs into the kernel; see <see href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</see>.</summary>
internal static unsafe class BpfProgram
{
    private const int LogBytes = 64 << 10;

    /// <summary>Loads a program; the verifier's words are in the error.</summary>
    /// <param name="type">The kind of program.</param>
    /// <param name="instructions">The program.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <param name="operand">What it is for, for the error; null: nothing that has a name.</param>
    /// <param name="name">What it is called in the kernel; null: nothing.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static SafeFd Load(uint type, Sys.bpf_insn[] instructions, string what, string? operand = null, string? name = null)
    {
        var fd = TryLoad(type, instructions, name, default);
        if (fd >= 0)
            return new SafeFd(fd);

        var errno = Sys.LastErrno;
        var log = new byte[LogBytes];
        fd = TryLoad(type, instructions, name, log);
        if (fd >= 0)
            return new SafeFd(fd);
        var words = Encoding.UTF8.GetString(log).TrimEnd('\0', '\n').Replace('\n', ';');
        throw new LinuxException(words.Length == 0 ? $"load {what}" : $"load {what} ({words})", errno, operand);
    }

    private static int TryLoad(uint type, Sys.bpf_insn[] instructions, string? name, Span<byte> log)
    {
        fixed (Sys.bpf_insn* code = instructions)
        fixed (byte* license = "Apache-2.0\0"u8)
        fixed (byte* buffer = log)
        {
            var load = new Sys.bpf_attr_load
            {
                prog_type = type,
                insn_cnt = (uint)instructions.Length,
                insns = (ulong)code,
                license = (ulong)license,
                log_level = log.IsEmpty ? 0u : 1,
                log_size = (uint)log.Length,
                log_buf = (ulong)buffer,
                prog_name = Sys.bpf_name.Of(name ?? ""),
            };
            return Sys.bpf(Sys.BPF_PROG_LOAD, &load, sizeof(Sys.bpf_attr_load));
        }
    }
}
