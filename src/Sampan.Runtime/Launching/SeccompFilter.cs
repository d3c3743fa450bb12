using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Filters;

namespace Sampan.Runtime.Launching;

/// <summary>A compiled system call filter: made before the clone, installed after it.</summary>
internal sealed class SeccompFilter
{
    /// <summary>The word for Docker's default profile.</summary>
    internal const string DefaultName = "default";

    private readonly SeccompProgram _program;

    private SeccompFilter(SeccompProgram program) => _program = program;

    /// <summary>Compiles what the specification says.</summary>
    /// <exception cref="RuntimeException">It says something that is not known or not supported.</exception>
    internal static SeccompFilter Compile(Seccomp seccomp) => Compile(SeccompConversion.FromSpecification(seccomp));

    /// <summary>Compiles a profile of Docker's kind.</summary>
    /// <param name="profile"><see cref="DefaultName"/>, or a profile in Docker's JSON.</param>
    /// <param name="bounding">The capabilities the container may have: they open system calls.</param>
    /// <exception cref="RuntimeException">The profile is not sound.</exception>
    internal static SeccompFilter ForProfile(string profile, CapabilitySet bounding)
    {
        var kernel = Environment.OSVersion.Version;
        var native = SeccompArchitectures.Native;
        return profile == DefaultName
            ? Compile(DefaultProfile.For(bounding, native, kernel))
            : Compile(DockerProfile.Parse(profile).ToSpecification(bounding, native, kernel));
    }

    /// <summary>Puts the filter on the calling thread and all that comes of it.</summary>
    internal void Install() => _program.Install()?.Dispose();

    private static SeccompFilter Compile(SeccompProfile profile)
    {
        try
        {
            return new SeccompFilter(SeccompProgram.Compile(profile));
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("filter", failure.Message, failure);
        }
    }
}
