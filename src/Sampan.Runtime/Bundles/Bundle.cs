using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Bundles;

/// <summary>A directory with a <c>config.json</c>.</summary>
/// <param name="Directory">Absolute path.</param>
/// <param name="Spec">The specification, validated.</param>
internal sealed record Bundle(string Directory, RuntimeSpec Spec)
{
    /// <summary>The name of the configuration, in a bundle and in the state of a container that was made of it.</summary>
    internal const string ConfigName = "config.json";

    /// <summary>The configuration as it was read.</summary>
    internal ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Absolute path of the root.</summary>
    internal string RootDirectory => Path.GetFullPath(Spec.Root?.Path ?? "", Directory);

    /// <summary>Reads and validates a bundle.</summary>
    /// <exception cref="RuntimeException">The configuration is missing, no JSON, or not sound: every problem is named.</exception>
    internal static Bundle Load(string directory) => Load(directory, directory);

    /// <summary>Reads the configuration that was kept when the container was made: later changes of the bundle have no effect (runtime.md, Lifecycle 2).</summary>
    /// <param name="stateDirectory">The directory of the container's state.</param>
    /// <param name="directory">The bundle, which may be gone.</param>
    /// <exception cref="RuntimeException">It is missing or damaged.</exception>
    internal static Bundle LoadKept(string stateDirectory, string directory) => Load(stateDirectory, directory);

    private static Bundle Load(string configDirectory, string directory)
    {
        configDirectory = Path.GetFullPath(configDirectory);
        directory = Path.GetFullPath(directory);
        try
        {
            var content = HostFile.ReadRegular($"{configDirectory}/{ConfigName}", SpecReader.ConfigMaxBytes);
            return new Bundle(directory, WithAbsoluteSources(SpecReader.Read(content), directory)) { Content = content };
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("specification", failure.Message, failure);
        }
    }

    /// <summary>"Path values for bind mounts are either absolute or relative to the bundle." See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#mounts">the specification</see>.</summary>
    private static RuntimeSpec WithAbsoluteSources(RuntimeSpec spec, string directory) =>
        spec.Mounts.Any(IsRelativeBind) ? spec with { Mounts = [.. spec.Mounts.Select(mount => IsRelativeBind(mount) ? mount with { Source = $"{directory}/{mount.Source}" } : mount)] } : spec;

    private static bool IsRelativeBind(Mount mount) =>
        mount.Source is { Length: > 0 } source && source[0] != '/' && (mount.Type == "bind" || mount.Options.Contains("bind") || mount.Options.Contains("rbind"));
}
