using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>A directory with a <c>config.json</c>.</summary>
/// <param name="Directory">Absolute path.</param>
/// <param name="Spec">The specification, validated.</param>
internal sealed record Bundle(string Directory, RuntimeSpec Spec)
{
    /// <summary>More is no configuration but an attack, or a mistake.</summary>
    private const int ConfigMaxBytes = 16 * 1024 * 1024;

    /// <summary>Absolute path of the root.</summary>
    internal string RootDirectory => Path.GetFullPath(Spec.Root?.Path ?? "", Directory);

    /// <summary>Reads and validates a bundle.</summary>
    /// <exception cref="RuntimeException">The configuration is missing, no JSON, or not sound: every problem is named.</exception>
    internal static Bundle Load(string directory)
    {
        directory = Path.GetFullPath(directory);
        try
        {
            var content = HostFile.Read(directory + "/config.json", ConfigMaxBytes);
            var spec = JsonSerializer.Deserialize(content, OciRuntimeJson.Default.RuntimeSpec) ?? throw new RuntimeException("specification", "config.json is empty");
            SpecValidator.Require(spec);
            return new Bundle(directory, spec);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("specification", failure.Message, failure);
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("specification", $"'{directory}/config.json' is not valid: {failure.Message}", failure);
        }
    }
}
