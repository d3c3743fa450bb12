using System.Globalization;
using Sampan.Linux.Accounts;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>What there is.</summary>
public sealed partial class OciRuntime
{
    /// <summary>Ids of all containers.</summary>
    internal IReadOnlyList<string> List() =>
        Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Where(one => File.Exists(one + "/state.json")).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)] : [];

    /// <summary>One container.</summary>
    /// <exception cref="RuntimeException">There is no such container.</exception>
    internal ContainerListing Describe(string id) => Describe(ReadRecord(id), owner: "");

    /// <summary>All containers. One that is deleted meanwhile is left out, one that cannot be read is warned of.</summary>
    internal IReadOnlyList<ContainerListing> DescribeAll()
    {
        var listings = new List<ContainerListing>();
        foreach (var id in List())
        {
            try
            {
                listings.Add(Describe(ReadRecord(id), OwnerOf(id)));
            }
            catch (RuntimeException failure)
            {
                if (Directory.Exists(DirectoryOf(id)))
                    Warn($"load container {id}: {failure.Message}");
            }
        }
        return listings;
    }

    /// <summary>Name of the user whose directory the container's state is, or his number.</summary>
    private string OwnerOf(string id)
    {
        using var directory = HostFile.Open(DirectoryOf(id), OpenFlags.Path);
        var uid = FileStatus.Of(directory).Uid;
        return uid == 0 ? "root" : UserLookup.TryFindName(uid) ?? uid.ToString(CultureInfo.InvariantCulture);
    }

    private ContainerListing Describe(ContainerRecord record, string owner)
    {
        var status = StatusOf(record);
        var spec = LoadLeniently(record);
        return new ContainerListing
        {
            OciVersion = SpecVersion,
            Id = record.Id,
            Pid = status == "stopped" ? 0 : record.Pid,
            Status = status,
            Bundle = record.Bundle,
            Rootfs = spec is null ? "" : new Bundle(record.Bundle, spec).RootDirectory,
            Created = record.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
            Annotations = spec is { Annotations.Count: > 0 } ? spec.Annotations : null,
            Owner = owner,
        };
    }

    /// <summary>Init of a container, by descriptor.</summary>
    /// <exception cref="RuntimeException">There is no such container, or its init has ended.</exception>
    internal PidFd OpenProcess(string id) => OpenInit(ReadRecord(id)) ?? throw new RuntimeException("state", "container not running");

    /// <summary>Ids of all processes of a container, as the host counts.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it does not run.</exception>
    internal IReadOnlyList<int> Pids(string id)
    {
        var record = ReadRecord(id);
        if (StatusOf(record) == "stopped")
            throw new RuntimeException("ps", "container not running");
        using var cgroup = OpenCgroup(record);
        return cgroup.ReadPids();
    }

    /// <summary>Opens a running container to look at.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it does not run.</exception>
    internal ObservedContainer Observe(string id)
    {
        var record = ReadRecord(id);
        var init = OpenInit(record) ?? throw new RuntimeException("events", $"container with id {id} is not running");
        return new ObservedContainer(init, OpenCgroup(record));
    }
}
