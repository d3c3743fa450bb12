using System.Text.Json;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Specs;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Tests.Specs;

/// <summary>
/// What containers become as OCI specs, compared with <c>Golden/*.md</c>: prose, then the document. After a wanted change run the tests
/// with SAMPAN_GOLDEN=write, read the difference, and commit it.
/// </summary>
public sealed class SpecGoldenTests
{
    private static readonly JsonSerializerOptions Readable = new(OciRuntimeJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Cases => [.. All.Keys];

    private static Dictionary<string, (string Prose, SpecInputs Inputs)> All { get; } = new()
    {
        ["plain"] = ("A container of busybox on the bridge with nothing special: Docker's default capabilities, masked paths, mounts and device rules.", Inputs(new ContainerSpec { Image = "busybox", Command = ["sh"] })),
        ["limits"] = ("`-t -m 64m --cpus 0.5 --pids-limit 100 --ulimit nofile=100:200 --memory-reservation 32m --cpuset-cpus 0`: a memory limit without a word about swap allows as much swap again; a terminal gets TERM.", Inputs(new ContainerSpec
        {
            Image = "busybox",
            Command = ["sh"],
            Tty = true,
            ConsoleSize = new TerminalSize(24, 80),
            Resources = new ResourceLimits { Memory = 64 << 20, MemoryReservation = 32 << 20, NanoCpus = 500_000_000, CpusetCpus = "0", PidsLimit = 100, OomScoreAdj = 100, Ulimits = [new UlimitSpec("nofile", 100, 200)] },
        })),
        ["block-io"] = ("`--blkio-weight 300 --device-read-bps /dev/loop0:1mb --device-write-iops /dev/loop0:50 --security-opt writable-cgroups`: devices by their numbers, control groups that the container may divide.", Inputs(new ContainerSpec
        {
            Image = "busybox",
            Command = ["sh"],
            Resources = new ResourceLimits { BlkioWeight = 300 },
            Security = new SecurityWish { Options = ["writable-cgroups"] },
        }) with
        {
            BlockIo = new BlockIoLimits { ThrottleReadBpsDevice = [new BlockIoThrottle { Major = 7, Minor = 0, Rate = 1 << 20 }], ThrottleWriteIopsDevice = [new BlockIoThrottle { Major = 7, Minor = 0, Rate = 50 }] },
        }),
        ["privileged"] = ("`--privileged`: every capability that the machine grants, nothing masked, /sys and cgroups writable, every device allowed, no network sysctls.", Inputs(new ContainerSpec { Image = "busybox", Command = ["sh"], Security = new SecurityWish { Privileged = true } })),
        ["locked-down"] = ("`--read-only --user www --cap-drop ALL --cap-add NET_ADMIN --security-opt no-new-privileges --ipc none --tmpfs /run --init -w /srv`: a user other than root has no effective capabilities; the three files are read-only, too.", Inputs(new ContainerSpec
        {
            Image = "busybox",
            Entrypoint = ["/bin/serve"],
            Command = ["-p", "80"],
            WorkingDirectory = "/srv",
            Init = true,
            Namespaces = new NamespaceWish { Ipc = "none" },
            Security = new SecurityWish { ReadOnlyRootfs = true, CapDrop = ["all"], CapAdd = ["net_admin"], Options = ["no-new-privileges"] },
        },
        [new MountPoint { Kind = MountKind.Tmpfs, Source = "", Destination = "/run", TmpfsOptions = ["noexec", "nosuid", "nodev"] }], uid: 33)),
        ["shared-with-host"] = ("`--network host --pid host --uts host --ipc host --cgroupns host` with a bind mount, a read-only volume below it, and a slave mount: no namespace but the mount namespace; parents are mounted before children.", Inputs(new ContainerSpec
        {
            Image = "busybox",
            Command = ["sh"],
            Network = new NetworkWish { Mode = "host" },
            Namespaces = new NamespaceWish { Pid = "host", Uts = "host", Ipc = "host", Cgroup = "host" },
        },
        [
            new MountPoint { Kind = MountKind.Volume, VolumeName = "v", Source = "/var/lib/sampan/volumes/v/_data", Destination = "/a/b", Writable = false },
            new MountPoint { Kind = MountKind.Bind, Source = "/home", Destination = "/a", Propagation = "rprivate" },
            new MountPoint { Kind = MountKind.Bind, Source = "/media", Destination = "/media", Propagation = "rslave", Writable = false, NonRecursive = true },
        ]) with
        {
            NetworkNamespace = null,
        }),
        ["mounts"] = ("A part of a volume; a bind that is read-only only at its top; one whose files belong to others inside; an empty volume, mapped, which the runtime fills through the map; a part of an image.", Inputs(new ContainerSpec
        {
            Image = "busybox",
            Command = ["sh"],
        },
        [
            new MountPoint { Kind = MountKind.Volume, VolumeName = "v", Source = "/var/lib/sampan/volumes/v/_data", Destination = "/part", Subpath = "a/b" },
            new MountPoint { Kind = MountKind.Bind, Source = "/home", Destination = "/home", Propagation = "rprivate", Writable = false, ReadOnlyNonRecursive = true },
            new MountPoint { Kind = MountKind.Bind, Source = "/srv", Destination = "/mine", Propagation = "rprivate", IdMap = IdMapSpec.Parse("uids=1000-0-1;gids=1000-0-1") },
            new MountPoint { Kind = MountKind.Volume, VolumeName = "w", Source = "/var/lib/sampan/volumes/w/_data", Destination = "/db", CopyUp = true, IdMap = IdMapSpec.Parse("1000-999") },
            new MountPoint { Kind = MountKind.Image, Source = "tools", SnapshotKey = "k.image0", Destination = "/tools", Subpath = "bin", Writable = false },
        ]) with
        {
            ImageMounts = new Dictionary<string, Mount> { ["/tools"] = new Mount { Destination = "/", Type = "overlay", Source = "overlay", Options = ["lowerdir=/l", "upperdir=/u", "workdir=/w"] } },
        }),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Spec_is_the_golden_one(string name)
    {
        var (prose, inputs) = All[name];
        var document = JsonSerializer.Serialize(SpecBuilder.Build(inputs), Readable);
        var text = $"# {name}\n\n{prose}\n\n```json\n{document}\n```\n";
        var path = Path.Combine(AppContext.BaseDirectory, "Golden", name + ".md");
        if (Environment.GetEnvironmentVariable("SAMPAN_GOLDEN") == "write")
            File.WriteAllText(Path.Combine(Repository(), "tests", "Sampan.Engine.Tests", "Golden", name + ".md"), text);
        else
            text.ShouldBe(File.ReadAllText(path));
    }

    [Fact]
    public void Building_twice_gives_the_same()
    {
        var inputs = All["limits"].Inputs;
        JsonSerializer.Serialize(SpecBuilder.Build(inputs), Readable).ShouldBe(JsonSerializer.Serialize(SpecBuilder.Build(inputs), Readable));
    }

    private static SpecInputs Inputs(ContainerSpec spec, IReadOnlyList<MountPoint>? mounts = null, uint uid = 0)
    {
        var id = string.Concat(Enumerable.Repeat("0a1b2c3d", 8));
        var directory = "/var/lib/sampan/containers/" + id;
        return new SpecInputs
        {
            Container = new ContainerSnapshot
            {
                Id = id,
                Name = "swift_keel",
                Created = DateTimeOffset.UnixEpoch,
                ImageId = "sha256:" + new string('a', 64),
                Spec = spec,
                State = new Engine.Containers.States.ContainerState.Starting(),
                Mounts = mounts ?? [],
                Directory = directory,
            },
            User = new OciUser { Uid = uid, Gid = uid, AdditionalGids = [uid] },
            Home = uid == 0 ? "/root" : "/var/www",
            Hostname = id[..12],
            CgroupPath = "/sampan0/" + id,
            NetworkNamespace = "/run/sampan/netns/" + id,
            Capabilities = CapabilityGrant.Decide(spec.Security, HostCapabilities.Known, HostCapabilities.Known.Where(c => c != "CAP_SYS_RESOURCE").ToHashSet()),
            HostnamePath = directory + "/hostname",
            HostsPath = directory + "/hosts",
            ResolvConfPath = directory + "/resolv.conf",
        };
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Sampan.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the repository's root is not above the test");
    }
}
