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

    private SeccompFilter(SeccompProgram program, FilterListener? listener)
    {
        _program = program;
        Listener = listener;
    }

    /// <summary>Who decides about the calls that the filter leaves open; null if it leaves none.</summary>
    internal FilterListener? Listener { get; }

    /// <summary>Compiles what the specification says.</summary>
    /// <exception cref="RuntimeException">It says something that is not known or not supported.</exception>
    internal static SeccompFilter Compile(Seccomp seccomp) => Compile(SeccompConversion.FromSpecification(seccomp), ListenerOf(seccomp));

    /// <summary>Compiles a profile of Docker's kind.</summary>
    /// <param name="profile"><see cref="DefaultName"/>, or a profile in Docker's JSON.</param>
    /// <param name="bounding">The capabilities the container may have: they open system calls.</param>
    /// <exception cref="RuntimeException">The profile is not sound.</exception>
    internal static SeccompFilter ForProfile(string profile, CapabilitySet bounding)
    {
        var kernel = Environment.OSVersion.Version;
        var native = SeccompArchitectures.Native;
        return profile == DefaultName
            ? Compile(DefaultProfile.For(bounding, native, kernel), listener: null)
            : Compile(DockerProfile.Parse(profile).ToSpecification(bounding, native, kernel));
    }

    /// <summary>Puts the filter on the calling thread and all that comes of it.</summary>
    /// <returns>The descriptor for <see cref="Listener"/>, or null if there is none.</returns>
    internal SafeFd? Install() => _program.Install();

    /// <summary>The agent of a filter that leaves calls open, or null.</summary>
    internal static FilterListener? ListenerOf(Seccomp seccomp) =>
        SeccompConversion.Notifies(seccomp) && seccomp.ListenerPath is { Length: > 0 } path ? new FilterListener(path, seccomp.ListenerMetadata) : null;

    private static SeccompFilter Compile(SeccompProfile profile, FilterListener? listener)
    {
        try
        {
            return new SeccompFilter(SeccompProgram.Compile(profile), listener);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("filter", failure.Message, failure);
        }
    }
}
