using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>The six kinds of hooks: when, where, with what, and what their failure does.</summary>
public sealed class HookTests : ConformanceTest
{
    private static readonly string[] s_kinds = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    /// <summary>A hook that takes the state first, as crun wants it: it fails if nobody reads what it writes.</summary>
    private static JsonObject Hook(string script) => ReadingHook($"cat > /dev/null; {script}");

    private static JsonObject ReadingHook(string script) =>
        new() { ["path"] = "/bin/sh", ["args"] = Container.Json("sh", "-c", script), ["env"] = Container.Json("PATH=/bin:/usr/bin") };

    /// <summary>Where a hook of that kind can write what the test reads: those of the container's root see its own files only.</summary>
    private static string LogFor(Container container, string kind) => kind == "startContainer" ? "/hooks" : container.Rootfs + "/hooks";

    private static string[] Log(Container container) => File.Exists(container.Rootfs + "/hooks") ? File.ReadAllLines(container.Rootfs + "/hooks") : [];

    [Fact, Spec("config.md#posix-platform-hooks")]
    public void All_kinds_run_in_their_order_and_the_program_between() => Conforms(() =>
    {
        var container = NewContainer("echo program >> /hooks");
        var hooks = new JsonObject();
        foreach (var kind in s_kinds)
            hooks[kind] = new JsonArray(Hook($"echo {kind} 1 >> {LogFor(container, kind)}"), Hook($"echo {kind} 2 >> {LogFor(container, kind)}"));
        container.Config["hooks"] = hooks;
        container.Create().Succeeds();
        Log(container).ShouldBe(["prestart 1", "prestart 2", "createRuntime 1", "createRuntime 2", "createContainer 1", "createContainer 2"]);
        container.Start().Succeeds();
        container.AwaitStatus("stopped");
        // The program and what runs after its start may come in any order.
        var log = Log(container);
        log[6..8].ShouldBe(["startContainer 1", "startContainer 2"]);
        log[8..].Order(StringComparer.Ordinal).ShouldBe(["poststart 1", "poststart 2", "program"]);
        container.Delete().Succeeds();
        Log(container)[^2..].ShouldBe(["poststop 1", "poststop 2"]);
    });

    [Theory, Spec("config.md#posix-platform-hooks")]
    [InlineData("prestart", "creating")]
    [InlineData("createRuntime", "creating")]
    [InlineData("createContainer", "creating")]
    [InlineData("startContainer", "created")]
    [InlineData("poststart", "running")]
    [InlineData("poststop", "stopped")]
    public void The_state_is_on_standard_input(string kind, string status) => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Config["annotations"] = new JsonObject { ["key"] = "value" };
        container.Config["hooks"] = new JsonObject { [kind] = new JsonArray(ReadingHook($"cat > {LogFor(container, kind)}")) };
        container.Create().Succeeds();
        var pid = container.Pid;
        container.Start().Succeeds();
        container.Kill("KILL").Succeeds();
        container.AwaitStatus("stopped");
        container.Delete().Succeeds();
        var state = JsonNode.Parse(File.ReadAllText(container.Rootfs + "/hooks"))!;
        state["id"]!.GetValue<string>().ShouldBe(container.Id);
        state["status"]!.GetValue<string>().ShouldBe(status);
        state["bundle"]!.GetValue<string>().ShouldBe(container.Location);
        state["ociVersion"]!.GetValue<string>().ShouldStartWith("1.");
        state["annotations"]!["key"]!.GetValue<string>().ShouldBe("value");
        if (kind is "prestart" or "createRuntime" or "poststart")
            state["pid"]!.GetValue<int>().ShouldBe(pid);
    });

    [Theory, Spec("config.md#posix-platform-hooks")]
    [InlineData("prestart", false)]
    [InlineData("createRuntime", false)]
    [InlineData("createContainer", true)]
    [InlineData("startContainer", true)]
    [InlineData("poststart", false)]
    [InlineData("poststop", false)]
    public void A_hook_runs_in_the_namespaces_of_its_kind(string kind, bool inContainer) => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Config["hooks"] = new JsonObject { [kind] = new JsonArray(Hook($"readlink /proc/self/ns/uts > {LogFor(container, kind)}")) };
        container.Started();
        var inside = new FileInfo($"/proc/{container.Pid}/ns/uts").LinkTarget;
        container.Delete("--force").Succeeds();
        File.ReadAllText(container.Rootfs + "/hooks").Trim().ShouldBe(inContainer ? inside : new FileInfo("/proc/self/ns/uts").LinkTarget);
    });

    [Fact, Spec("config.md#posix-platform-hooks")]
    public void A_hook_has_exactly_its_own_environment_and_arguments() => Conforms(() =>
    {
        var container = NewContainer();
        container.Process["env"] = Container.Json("PATH=/bin", "OF_THE_CONTAINER=1");
        container.Config["hooks"] = new JsonObject
        {
            ["createRuntime"] = new JsonArray(new JsonObject
            {
                ["path"] = "/bin/sh",
                ["args"] = Container.Json("zero", "-c", $"/bin/cat > /dev/null; echo $0 $1 > {container.Rootfs}/hooks; /usr/bin/env >> {container.Rootfs}/hooks", "nought", "one"),
                ["env"] = Container.Json("MINE=yes"),
            }),
        };
        container.Create().Succeeds();
        var lines = Log(container);
        lines[0].ShouldBe("nought one");
        lines.ShouldContain("MINE=yes");
        lines.ShouldNotContain("OF_THE_CONTAINER=1");
        // What a shell sets by itself.
        lines[1..].Select(line => line.Split('=')[0]).Except(["MINE", "PWD", "OLDPWD", "SHLVL", "_"]).ShouldBeEmpty();
    });

    [Theory, Spec("runtime.md#lifecycle")]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    public void A_hook_of_create_that_fails_ends_the_container(string kind) => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["hooks"] = new JsonObject { [kind] = new JsonArray(Hook("exit 5")), ["poststop"] = new JsonArray(Hook($"echo poststop >> {container.Rootfs}/hooks")) };
        container.Create().Fails();
        container.Call("state", container.Id).Fails();
        Groups.Exist(container.Id).ShouldBeFalse();
    });

    [Theory, Spec("runtime.md#lifecycle")]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    public void After_a_hook_of_create_that_failed_the_hooks_after_the_end_run(string kind) => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["hooks"] = new JsonObject { [kind] = new JsonArray(Hook("exit 5")), ["poststop"] = new JsonArray(Hook($"echo poststop >> {container.Rootfs}/hooks")) };
        container.Create().Fails();
        Log(container).ShouldBe(["poststop"]);
    });

    [Fact, Spec("runtime.md#lifecycle")]
    public void A_startContainer_hook_that_fails_keeps_the_program_from_running() => Conforms(() =>
    {
        var container = NewContainer("touch /ran");
        container.Config["hooks"] = new JsonObject { ["startContainer"] = new JsonArray(Hook("exit 5")) };
        container.Create().Succeeds();
        container.Start().Fails();
        container.AwaitStatus("stopped");
        File.Exists(container.Rootfs + "/ran").ShouldBeFalse();
    });

    [Fact, Spec("runtime.md#lifecycle")]
    public void A_poststart_hook_that_fails_is_an_error_and_stops_the_container() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Config["hooks"] = new JsonObject { ["poststart"] = new JsonArray(Hook("exit 5")) };
        container.Create().Succeeds();
        var pid = container.Pid;
        container.Start().Fails();
        Container.Await(() => !File.Exists($"/proc/{pid}/status") || File.ReadAllText($"/proc/{pid}/status").Contains("State:\tZ", StringComparison.Ordinal), "it still runs");
    });

    [Fact, Spec("runtime.md#lifecycle")]
    public void A_poststop_hook_that_fails_is_a_warning_and_the_others_run() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["hooks"] = new JsonObject { ["poststop"] = new JsonArray(Hook("exit 5"), Hook($"echo second >> {container.Rootfs}/hooks")) };
        container.Started().AwaitStatus("stopped");
        container.Delete().Succeeds();
        Log(container).ShouldBe(["second"]);
        container.Call("state", container.Id).Fails();
    });

    [Fact, Spec("config.md#posix-platform-hooks")]
    public void A_hook_beyond_its_time_fails() => Conforms(() =>
    {
        var container = NewContainer();
        var hook = Hook("exec sleep 1000");
        hook["timeout"] = 1;
        container.Config["hooks"] = new JsonObject { ["createRuntime"] = new JsonArray(hook) };
        container.Create().Fails();
    });

    [Fact, Spec("config.md#posix-platform-hooks")]
    public void A_hook_that_is_not_there_fails() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["hooks"] = new JsonObject { ["createRuntime"] = new JsonArray(new JsonObject { ["path"] = "/no/such/hook" }) };
        container.Create().Fails();
    });

    [Fact, Spec("config.md#posix-platform-hooks")]
    public void A_hook_whose_path_is_not_absolute_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["hooks"] = new JsonObject { ["createRuntime"] = new JsonArray(new JsonObject { ["path"] = "bin/true" }) };
        container.Create().Fails();
    });
}
