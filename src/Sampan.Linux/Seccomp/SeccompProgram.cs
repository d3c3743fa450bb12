using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Seccomp;

/// <summary>A filter ready for the kernel. Compile before the clone, install after it.</summary>
public sealed unsafe class SeccompProgram
{
    /// <summary>BPF_MAXINSNS: the kernel takes no longer program.</summary>
    public const int MaxInstructions = 4096;

    private readonly SeccompInstruction[] _instructions;

    private SeccompProgram(SeccompInstruction[] instructions, SeccompFlags flags)
    {
        _instructions = instructions;
        Flags = flags;
    }

    /// <summary>The program.</summary>
    public IReadOnlyList<SeccompInstruction> Instructions => _instructions;

    /// <summary>How the profile wants it installed.</summary>
    public SeccompFlags Flags { get; }

    /// <summary>Compiles a profile for this machine.</summary>
    /// <exception cref="LinuxException">EINVAL: an argument above 5. E2BIG: more instructions than the kernel takes. EOPNOTSUPP: unknown processor.</exception>
    public static SeccompProgram Compile(SeccompProfile profile) => Compile(profile, SeccompArchitectures.Native);

    /// <summary>Compiles a profile for a machine of another kind.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="native">The machine's own architecture, listed or not.</param>
    /// <exception cref="LinuxException">EINVAL: an argument above 5. E2BIG: more instructions than the kernel takes.</exception>
    public static SeccompProgram Compile(SeccompProfile profile, SeccompArchitecture native) =>
        new(SeccompCompiler.Compile(profile, native), profile.Flags);

    /// <summary>
    /// Puts the filter on the calling thread, for good, through execve and for its children. Needs no-new-privileges or CAP_SYS_ADMIN.
    /// Safe between clone and execve: it allocates nothing.
    /// </summary>
    /// <returns>The listener if <see cref="SeccompFlags.NewListener"/> is among <see cref="Flags"/>, else null.</returns>
    /// <exception cref="LinuxException">The kernel refused (EACCES: neither no-new-privileges nor CAP_SYS_ADMIN).</exception>
    public SafeFd? Install()
    {
        fixed (SeccompInstruction* first = _instructions)
        {
            var program = new Sys.sock_fprog { len = (ushort)_instructions.Length, filter = first };
            var result = Sys.Check(Sys.seccomp(Sys.SECCOMP_SET_MODE_FILTER, (uint)Flags, &program), "install the system call filter");
            return Flags.HasFlag(SeccompFlags.NewListener) ? new SafeFd(result) : null;
        }
    }
}
