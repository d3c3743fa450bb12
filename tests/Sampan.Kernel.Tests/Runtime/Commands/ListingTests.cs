using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Commands that look: <c>list</c>, <c>state</c>, <c>ps</c>, <c>spec</c>, <c>features</c>, and the log.</summary>
[Trait("guest", "long")]
public sealed class ListingTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void List_and_state_tell_what_runc_tells()
    {
        _bundle.Run("list").Output.ShouldBe("ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
        _bundle.Run("list", "--format", "json").Output.ShouldBe("[]\n");
        _bundle.RunSleeping(spec => spec with { Annotations = new Dictionary<string, string> { ["a"] = "b" } });
        _bundle.Run("list", "-q").Output.ShouldBe(_bundle.Id + "\n");
        var table = _bundle.Run("list").Output.Split('\n');
        table[1].ShouldStartWith($"{_bundle.Id,-16}{_bundle.Pid(),-12}running     {_bundle.Base}");
        using var list = JsonDocument.Parse(_bundle.Run("list", "-f", "json").Output);
        using var state = JsonDocument.Parse(_bundle.Run("state", _bundle.Id).Output);
        foreach (var one in new[] { list.RootElement[0], state.RootElement })
        {
            one.GetProperty("id").GetString().ShouldBe(_bundle.Id);
            one.GetProperty("status").GetString().ShouldBe("running");
            one.GetProperty("pid").GetInt32().ShouldBe(_bundle.Pid());
            one.GetProperty("bundle").GetString().ShouldBe(_bundle.Base);
            one.GetProperty("rootfs").GetString().ShouldBe(_bundle.Rootfs);
            one.GetProperty("annotations").GetProperty("a").GetString().ShouldBe("b");
            one.GetProperty("created").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(DateTimeOffset.UtcNow);
        }
        _bundle.Run("list", "--format", "xml").Error.ShouldContain("invalid format option");
    }

    [Fact]
    public void Ps_shows_the_containers_processes_only()
    {
        _bundle.RunSleeping();
        var pid = _bundle.Pid();
        _bundle.Run("ps", "-f", "json", _bundle.Id).Output.ShouldBe($"[{pid}]\n");
        if (!File.Exists("/bin/ps") && !File.Exists("/usr/bin/ps"))
            Assert.Skip("ps is missing: install procps");
        var lines = _bundle.Run("ps", _bundle.Id, "-eo", "pid,comm").Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(2);
        lines[1].Trim().ShouldBe($"{pid} sleep");
        _bundle.Run("ps", _bundle.Id).Output.ShouldContain("sleep 10000");
    }

    [Fact]
    public void A_spec_of_ours_runs()
    {
        _bundle.Run("spec", "--bundle", _bundle.Base).ShouldBe((0, "", ""));
        _bundle.Run("spec", "--bundle", _bundle.Base).Error.ShouldContain("exists. Remove it first");
        var spec = JsonSerializer.Deserialize(File.ReadAllBytes(_bundle.Base + "/config.json"), OciRuntimeJson.Default.RuntimeSpec).ShouldNotBeNull();
        _bundle.Write(spec.WithProcess(process => process with { Terminal = false, Args = ["/bin/sh", "-c", "echo runs"] }) with { Linux = spec.Linux! with { CgroupsPath = _bundle.CgroupPath } });
        _bundle.Run("run", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((0, "runs\n", ""));
    }

    [Fact]
    public void Features_and_version_are_what_engines_read()
    {
        var features = JsonSerializer.Deserialize(_bundle.Run("features").Output, OciRuntimeJson.Default.Features).ShouldNotBeNull();
        features.OciVersionMin.ShouldBe("1.0.0");
        features.OciVersionMax.ShouldStartWith("1.");
        features.Hooks.ShouldContain("createRuntime");
        var linux = features.Linux.ShouldNotBeNull();
        linux.Namespaces.ShouldContain("network");
        linux.Capabilities.ShouldContain("CAP_CHECKPOINT_RESTORE");
        features.MountOptions.ShouldContain("rro");
        linux.Seccomp.ShouldNotBeNull().Operators.ShouldContain("SCMP_CMP_MASKED_EQ");
        var version = _bundle.Run("--version").Output.Split('\n');
        version[0].ShouldStartWith("sampan-runtime version ");
        version[1].ShouldStartWith("spec: 1.");
    }

    [Fact]
    public void A_capability_that_cannot_be_granted_is_warned_of_in_runcs_words()
    {
        _bundle.Write(_bundle.Spec("true").WithProcess(process => process with { Capabilities = new CapabilitySets { Bounding = ["CAP_CHOWN", "CAP_NO_SUCH"], Permitted = ["CAP_NO_SUCH"] } }));
        _bundle.Run("--log", _bundle.Base + "/log", "--log-format", "json", "run", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((0, "", ""));
        using var line = JsonDocument.Parse(File.ReadAllLines(_bundle.Base + "/log").ShouldHaveSingleItem());
        line.RootElement.GetProperty("level").GetString().ShouldBe("warning");
        line.RootElement.GetProperty("msg").GetString().ShouldBe("ignoring unknown or unavailable capabilities: [CAP_NO_SUCH]");
    }

    [Fact]
    public void Debug_says_what_is_done_and_keep_leaves_the_container()
    {
        _bundle.Write(_bundle.Spec("sh", "-c", "exit 3"));
        _bundle.Run("--debug", "--log", _bundle.Base + "/log", "run", "--keep", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((3, "", ""));
        File.ReadAllText(_bundle.Base + "/log").ShouldContain("level=debug");
        _bundle.Status().ShouldBe("stopped");
        _bundle.Run("delete", _bundle.Id).ShouldBe((0, "", ""));
    }
}
