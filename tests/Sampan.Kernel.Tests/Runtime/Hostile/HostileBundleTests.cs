using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.Kernel.Tests.Runtime.Fields;
using Sampan.Linux.Cgroups;

namespace Sampan.Kernel.Tests.Runtime.Hostile;

/// <summary>
/// Configurations that cannot work, each failing at another step of the launch: one clear line, exit code 1, and nothing is left behind. (That thousands of others
/// get one line is shown without a kernel, by HostileSpecTests of Sampan.Runtime.Tests.)
/// </summary>
public sealed class HostileBundleTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>What is wrong, and where: a path in the document, and the JSON that is put there.</summary>
    public static TheoryData<string, string, string> Wrong => new()
    {
        // Found while reading and validating.
        { "", "[]", "" },
        { "linux", "7", "linux" },
        { "linux/namespaces/0/type", "\"nett\"", "linux.namespaces[0].type" },
        { "process/args", "[]", "process.args" },
        { "process/args/0", "\"a\\u0000b\"", "process.args[0]" },
        { "process/rlimits", """[{"type":"RLIMIT_NOFILE","soft":18446744073709551615,"hard":-1}]""", "process.rlimits[0].hard" },
        { "process/user/uid", "4294967296", "process.user.uid" },
        { "mounts/0/destination", "\"/proc/sys\"", "mounts[0].destination" },
        { "linux/cgroupsPath", "\"/sampan-runtime-tests/../../x\"", "linux.cgroupsPath" },
        { "linux/sysctl", """{"kernel.core_pattern":"|/bin/evil"}""", "linux.sysctl" },
        { "linux/intelRdt", "{}", "linux.intelRdt" },
        { "linux/seccomp", """{"defaultAction":"SCMP_ACT_BLESS"}""", "linux.seccomp.defaultAction" },
        // Found by the control group.
        { "linux/resources/memory/limit", "1", "memory" },
        { "linux/resources/cpu", """{"cpus":"4000-5000"}""", "cpuset.cpus" },
        { "linux/resources/unified", """{"no.such.file":"1"}""", "no.such.file" },
        { "linux/resources/hugepageLimits", """[{"pageSize":"3MB","limit":1}]""", "3MB" },
        // Found while namespaces are made and joined.
        { "linux/namespaces/1/path", "\"/etc/passwd\"", "/etc/passwd" },
        { "linux/namespaces/2/path", "\"/proc/self/ns/uts\"", "network" },
        { "linux/namespaces/3/path", "\"/no/such/namespace\"", "/no/such/namespace" },
        { "linux/timeOffsets", """{"boottime":{"secs":9223372036854775807}}""", "linux.timeOffsets" },
        // Found by the mounts.
        { "root/path", "\"/no/such/root\"", "/no/such/root" },
        { "root/path", "\"/dev/null\"", "/dev/null" },
        { "mounts/1/options", """["size=lots"]""", "size" },
        { "mounts/1/type", "\"no-such-file-system\"", "no-such-file-system" },
        { "mounts/-", """{"destination":"/x","type":"bind","source":"/no/such/source","options":["rbind"]}""", "/no/such/source" },
        { "mounts/-", """{"destination":"/bin/busybox/x","type":"tmpfs","source":"tmpfs"}""", "/bin/busybox/x" },
        { "mounts/-", """{"destination":"/loop/loop","type":"bind","source":"/","options":["bind","remount","ro"]}""", "/loop/loop" },
        { "linux/devices", """[{"path":"/bin/busybox","type":"c","major":1,"minor":3}]""", "/bin/busybox" },
        { "linux/maskedPaths", """["relative"]""", "linux.maskedPaths[0]" },
        { "linux/readonlyPaths", """["/loop"]""", "/loop" },
        // Found by hooks, and when the program is looked for.
        { "hooks", """{"createRuntime":[{"path":"/no/such/hook"}]}""", "/no/such/hook" },
        { "hooks", """{"createContainer":[{"path":"/bin/sh","args":["sh","-c","exit 3"]}]}""", "createContainer" },
        { "hooks", """{"createRuntime":[{"path":"/bin/sleep","args":["sleep","10000"],"timeout":1}]}""", "took longer than 1 s" },
        { "process/args/0", "\"/no/such/program\"", "/no/such/program" },
        { "process/terminal", "true", "console" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_configuration_that_cannot_work_gets_one_line_and_leaves_nothing(string where, string what, string named)
    {
        File.CreateSymbolicLink(_bundle.Rootfs + "/loop", "loop");
        var before = Mounts();
        var document = JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(_bundle.Spec("true"), Oci.Runtime.OciRuntimeJson.Default.RuntimeSpec)).ShouldNotBeNull();
        File.WriteAllText(_bundle.Location + "/config.json", where.Length == 0 ? what : Put(document, where.Split('/'), JsonNode.Parse(what)).ToJsonString());
        var (code, output, error) = _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id);
        code.ShouldBeOneOf([1, 127], error);
        output.ShouldBe("");
        error.TrimEnd('\n').Split('\n').Length.ShouldBe(1, error);
        error.Plain().ShouldContain(named);
        Directory.GetFileSystemEntries(_bundle.Location + "/state").ShouldBeEmpty();
        CgroupHost.Detect().Exists("/sampan-runtime-tests/" + _bundle.Id).ShouldBeFalse("a control group is left");
        Mounts().ShouldBe(before);
        Processes().ShouldBeEmpty();
    }

    /// <summary>Puts a value into a document; <c>-</c> is the end of a list.</summary>
    private static JsonNode Put(JsonNode document, string[] path, JsonNode? value)
    {
        var at = document;
        foreach (var name in path[..^1])
            at = at is JsonArray list ? list[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)].ShouldNotBeNull() : at[name] ??= new JsonObject();
        if (at is not JsonArray array)
            at[path[^1]] = value;
        else if (path[^1] == "-")
            array.Add(value);
        else
            array[int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        return document;
    }

    private string[] Mounts() => [.. File.ReadAllLines("/proc/self/mountinfo").Where(line => line.Contains(_bundle.Location, StringComparison.Ordinal))];

    /// <summary>Processes of the launch: a clone has the arguments of the launcher.</summary>
    private string[] Processes() => [.. Directory.EnumerateDirectories("/proc").Select(directory => directory + "/cmdline").Select(CommandLine).Where(text => text.Contains(_bundle.Location, StringComparison.Ordinal))];

    private static string CommandLine(string path)
    {
        try
        {
            return File.ReadAllText(path).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // no process, or gone
        }
    }
}
