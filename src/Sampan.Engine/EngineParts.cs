using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Events;
using Sampan.Engine.Images;
using Sampan.Engine.Networks;
using Sampan.Engine.Recipes;
using Sampan.Engine.Supervision;
using Sampan.Storage;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Records;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Engine;

/// <summary>What the recipes work with; put together once, in <see cref="ContainerEngine"/>.</summary>
internal sealed record EngineParts
{
    /// <summary>What the daemon was told.</summary>
    public required EngineOptions Options { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Who is told what happened.</summary>
    public required EventFeed Events { get; init; }

    /// <summary>The daemon's log.</summary>
    public required Action<EngineNotice> Notices { get; init; }

    /// <summary>Who holds containers.</summary>
    public required ISupervisors Supervisors { get; init; }

    /// <summary>Images.</summary>
    public required ImageStore Images { get; init; }

    /// <summary>Where images come from and go to.</summary>
    public required Registries Registries { get; init; }

    /// <summary>Writable layers.</summary>
    public required ISnapshotter Snapshots { get; init; }

    /// <summary>Volumes.</summary>
    public required VolumeStore Volumes { get; init; }

    /// <summary>What is mounted for volumes now.</summary>
    public required VolumeMounts VolumeMounts { get; init; }

    /// <summary>Networks.</summary>
    public required INetworks Network { get; init; }

    /// <summary>Containers on disk.</summary>
    public required RecordDirectory<ContainerSnapshot> Records { get; init; }

    /// <summary>Where directories go that are removed.</summary>
    public required RemovedTrees Removed { get; init; }

    /// <summary>Puts unpacked layers on the disk; null: nobody does.</summary>
    public LayerFlush? LayerFlush { get; init; }

    /// <summary>Directories of containers to come; null: each is made when it is created.</summary>
    public ContainersAhead? Ahead { get; init; }

    /// <summary>Held so that no second daemon uses the roots; given back last.</summary>
    public IReadOnlyList<IDisposable> Locks { get; init; } = [];

    /// <summary>The containers' user namespace; null: users are not mapped.</summary>
    public Users.MappedUsers? Users { get; init; }

    /// <summary>The user namespace of one container; null: its users are the host's.</summary>
    public Users.MappedUsers? UsersOf(ContainerSpec spec) => spec.Namespaces.User == "host" ? null : Users;

    /// <summary>Containers in memory.</summary>
    public ContainerRegistry Registry { get; } = new();

    /// <summary>Images that builds work with.</summary>
    public ImageHolds Holds { get; } = new();

    /// <summary>Every capability there is.</summary>
    public required IReadOnlyList<string> KnownCapabilities { get; init; }

    /// <summary>Those that can be handed on.</summary>
    public required IReadOnlySet<string> GrantableCapabilities { get; init; }

    /// <summary>The directory of a running container on tmpfs.</summary>
    public string StateDirectory(string id) => Path.Combine(Options.ExecRoot, "containers", id);

    /// <summary>The cgroup that a container gets when it is started now, as its specification names it: a path, or the scope that systemd is asked for. The bridge's name keeps two daemons apart.</summary>
    public string CgroupPath(ContainerSnapshot container)
    {
        var parent = container.Spec.Resources.CgroupParent ?? Options.CgroupParent;
        return Options.SystemdCgroups ? $"{parent ?? "system.slice"}:sampan:{container.Id}" : $"/{(parent ?? CgroupRoot).Trim('/')}/{container.Id}";
    }

    /// <summary>The cgroup above those of this daemon's containers.</summary>
    public string CgroupRoot => Options.Bridge.StartsWith("sampan", StringComparison.Ordinal) ? $"/{Options.Bridge}" : $"/sampan-{Options.Bridge}";

    /// <summary>Writes a container's record so that it survives the death of the daemon; <paramref name="durable"/>: of the machine, too.</summary>
    public void Save(ContainerSnapshot container, bool durable) => Records.Save(container.Id, container with { ExecIds = [] }, durable);

    /// <summary>
    /// Writes a container's record if the disk lets us, for what has happened or must happen whatever it says: who fills a disk has to be stopped, and what
    /// has ended has ended. Only the next daemon knows less then.
    /// </summary>
    /// <param name="container">What to write.</param>
    /// <param name="without">What the next daemon does without it, for the log.</param>
    /// <returns>Whether it was written.</returns>
    public bool TrySave(ContainerSnapshot container, string without)
    {
        try
        {
            Save(container, durable: false);
            return true;
        }
        catch (Exception refused) when (DiskRefusal.IsOfFiles(refused))
        {
            Notices(new EngineNotice(NoticeLevel.Error, $"cannot write the record of container {container.Id[..12]}: {refused.Message}; {without}"));
            return false;
        }
    }

    /// <summary>An undo stack whose failures go to the log.</summary>
    public Undo NewUndo(string recipe) =>
        new((step, failure) => Notices(new EngineNotice(NoticeLevel.Error, $"cannot undo '{step}' after '{recipe}' failed: {failure.Message}", failure)));

    /// <summary>Says what happened to a container.</summary>
    public void Publish(ContainerSnapshot container, string action, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var attributes = new Dictionary<string, string>(container.Spec.Labels) { ["image"] = container.Spec.Image, ["name"] = container.Name };
        foreach (var (name, value) in more)
            attributes[name] = value;
        Events.Publish("container", action, container.Id, attributes);
    }

    /// <summary>Tells of each volume of a container that it is mounted, or no longer is.</summary>
    public void PublishVolumes(ContainerSnapshot container, string action)
    {
        foreach (var mount in container.Mounts.Where(m => m.VolumeName is not null))
        {
            var attributes = new Dictionary<string, string> { ["container"] = container.Id, ["driver"] = mount.Driver ?? "local" };
            if (action == "mount")
            {
                attributes["destination"] = mount.Destination;
                attributes["read/write"] = mount.Writable ? "true" : "false";
                attributes["propagation"] = mount.Propagation;
            }

            Events.Publish("volume", action, mount.VolumeName ?? "", attributes);
        }
    }
}
