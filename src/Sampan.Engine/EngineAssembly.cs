using Sampan.Engine.Containers;
using Sampan.Engine.Events;
using Sampan.Engine.Networks;
using Sampan.Engine.Supervision;
using Sampan.Runtime.Observation;
using Sampan.Storage.Images;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Engine;

/// <summary>Puts the engine's parts together, in the order in which they depend on each other.</summary>
internal static class EngineAssembly
{
    private const int ContainerSchema = 1;

    /// <summary>The parts from given ones, as tests need it.</summary>
    public static EngineParts Build(EngineOptions options, TimeProvider time, Action<EngineNotice> notices, ISupervisors supervisors, ImageStore images, ISnapshotter snapshots, VolumeStore volumes, INetworks network) => new()
    {
        Options = options,
        Time = time,
        Events = new EventFeed(time),
        Notices = notices,
        Supervisors = supervisors,
        Images = images,
        Snapshots = snapshots,
        Volumes = volumes,
        Network = network,
        Records = new RecordDirectory<ContainerSnapshot>(Path.Combine(options.DataRoot, "containers"), "container.json", ContainerSchema, EngineJson.Default.ContainerSnapshot),
        KnownCapabilities = HostCapabilities.Known,
        GrantableCapabilities = HostCapabilities.Grantable(),
    };

    /// <summary>The engine's own id, made once per data root.</summary>
    public static string IdOf(string dataRoot)
    {
        var path = Path.Combine(dataRoot, "engine-id");
        if (File.Exists(path))
            return File.ReadAllText(path).Trim();
        var id = Guid.NewGuid().ToString();
        ContainerFiles.Write(path, id + "\n");
        return id;
    }
}
