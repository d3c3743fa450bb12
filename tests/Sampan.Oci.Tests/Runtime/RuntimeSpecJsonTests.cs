using System.Text;
using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Oci.Tests.Runtime;

/// <summary>The records keep what a runtime-spec document says, and a missing member is an empty collection, never null.</summary>
public sealed class RuntimeSpecJsonTests
{
    private const string Document = """
        {
          "ociVersion": "1.2.0", "hostname": "box", "unknownMember": {"a": [1]},
          "process": {"terminal": true, "consoleSize": {"height": 24, "width": 80}, "user": {"uid": 1000, "gid": 50, "additionalGids": [5, 6]},
            "args": ["sh", "-c", "true"], "env": ["PATH=/bin"], "cwd": "/", "oomScoreAdj": 100, "noNewPrivileges": true,
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 18446744073709551615}], "execCPUAffinity": {"initial": "0"}},
          "root": {"path": "rootfs", "readonly": true},
          "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]}],
          "linux": {
            "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
            "cgroupsPath": "/box", "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/ns"}],
            "sysctl": {"net.ipv4.ip_forward": "1"},
            "resources": {"memory": {"limit": 1048576, "swap": -1, "disableOOMKiller": false}, "cpu": {"shares": 512, "quota": -1},
              "pids": {"limit": 10}, "blockIO": {"weight": 10, "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 5}]},
              "devices": [{"allow": false, "access": "rwm"}], "unified": {"memory.high": "1"}},
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW",
              "args": [{"index": 1, "value": 2, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}]},
            "maskedPaths": ["/proc/kcore"]
          }
        }
        """;

    [Fact]
    public void A_document_is_read_with_the_specifications_names()
    {
        var spec = Read(Document);
        spec.Process!.ConsoleSize!.Height.ShouldBe(24u);
        spec.Process.User.AdditionalGids.ShouldBe([5u, 6u]);
        spec.Process.OomScoreAdj.ShouldBe(100);
        spec.Process.Rlimits[0].Hard.ShouldBe(ulong.MaxValue);
        spec.Process.ExecCpuAffinity!.Initial.ShouldBe("0");
        spec.Linux!.UidMappings[0].HostId.ShouldBe(100000u);
        spec.Linux.Namespaces[1].Path.ShouldBe("/run/ns");
        spec.Linux.Resources!.Memory!.Swap.ShouldBe(-1);
        spec.Linux.Resources.Memory.DisableOomKiller.ShouldBe(false);
        spec.Linux.Resources.BlockIo!.ThrottleReadIopsDevice[0].Rate.ShouldBe(5ul);
        spec.Linux.Seccomp!.Syscalls[0].Args[0].ValueTwo.ShouldBe(3ul);
    }

    [Fact]
    public void A_missing_collection_is_empty()
    {
        var spec = Read("""{"ociVersion": "1.0.2", "process": {"cwd": "/", "capabilities": {}}, "linux": {"sysctl": null}}""");
        spec.Mounts.ShouldBeEmpty();
        spec.Annotations.ShouldBeEmpty();
        spec.Process!.Args.ShouldBeEmpty();
        spec.Process.User.AdditionalGids.ShouldBeEmpty();
        spec.Process.Capabilities!.Bounding.ShouldBeEmpty();
        spec.Linux!.Sysctl.ShouldBeEmpty();
        spec.Hooks.ShouldBeNull();
    }

    [Fact]
    public void Writing_and_reading_again_gives_the_same_document()
    {
        var once = JsonSerializer.Serialize(Read(Document), OciRuntimeJson.Default.RuntimeSpec);
        JsonSerializer.Serialize(Read(once), OciRuntimeJson.Default.RuntimeSpec).ShouldBe(once);
        once.ShouldContain("\"throttleReadIOPSDevice\"");
        once.ShouldContain("\"containerID\"");
    }

    private static RuntimeSpec Read(string json) =>
        JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), OciRuntimeJson.Default.RuntimeSpec)!;
}
