using Sampan.BuildKit.Protos.Workers;
using Sampan.Engine;
using Sampan.Server.Docker;

namespace Sampan.Server.BuildKit;

/// <summary>Who builds: this engine, for the machine that it runs on.</summary>
internal sealed class Worker(DockerDaemon daemon)
{
    private const string HostGatewayLabel = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

    /// <summary>
    /// What clients are told, who decide by it what they may ask for: the release of BuildKit whose protocol this is, with Sampan's own version
    /// behind the plus.
    /// </summary>
    internal static BuildkitVersion Version => new() { Package = "sampan", Version = "v0.12.5+sampan" + EngineVersion.Own };

    /// <summary>The one worker. Only the address of the host, as containers of the usual network have it, is asked of the engine each time.</summary>
    internal WorkerRecord Record()
    {
        var here = Oci.Images.Platform.Current;
        var record = new WorkerRecord
        {
            ID = daemon.Engine.Summary().Id,
            BuildkitVersion = Version,
            Platforms = { new Sampan.BuildKit.Protos.Ops.Platform { OS = here.Os, Architecture = here.Architecture } },
        };
        if (HostGateway() is { } address)
            record.Labels.Add(HostGatewayLabel, address);
        return record;
    }

    private string? HostGateway()
    {
        try
        {
            return daemon.Engine.Networks.Get("bridge").Subnets.Select(subnet => subnet.Gateway).FirstOrDefault(gateway => gateway is not null);
        }
        catch (EngineException none) when (none.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }
}
