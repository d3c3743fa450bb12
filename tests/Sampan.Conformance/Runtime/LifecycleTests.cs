using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>create, start, kill, delete: every transition, those forbidden too.</summary>
public sealed class LifecycleTests : ConformanceTest
{
    [Fact, Spec("runtime.md#create")]
    public void Create_does_not_run_the_program() => Conforms(() =>
    {
        var container = NewContainer("touch /ran; sleep 1000");
        container.Create().Succeeds();
        container.Status.ShouldBe("created");
        File.Exists(container.Rootfs + "/ran").ShouldBeFalse();
        container.Start().Succeeds();
        Container.Await(() => File.Exists(container.Rootfs + "/ran"), "the program did not run");
    });

    [Fact, Spec("runtime.md#lifecycle")]
    public void A_container_is_created_then_running_then_stopped_then_gone() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Create().Succeeds();
        container.Status.ShouldBe("created");
        container.Start().Succeeds();
        container.Status.ShouldBe("running");
        container.Kill("KILL").Succeeds();
        container.AwaitStatus("stopped");
        container.Delete().Succeeds();
        container.Call("state", container.Id).Fails();
    });

    [Fact, Spec("runtime.md#lifecycle")]
    public void A_program_that_ends_by_itself_leaves_a_stopped_container() => Conforms(() =>
    {
        var container = NewContainer("exit 3").Started();
        container.AwaitStatus("stopped");
        container.Delete().Succeeds();
    });

    [Fact, Spec("runtime.md#start")]
    public void Start_of_a_running_container_is_an_error_without_effect() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        var pid = container.Pid;
        container.Start().Fails();
        (container.Status, container.Pid).ShouldBe(("running", pid));
    });

    [Fact, Spec("runtime.md#start")]
    public void Start_of_a_stopped_container_is_an_error() => Conforms(() =>
    {
        var container = NewContainer().Started();
        container.AwaitStatus("stopped");
        container.Start().Fails();
        container.Status.ShouldBe("stopped");
    });

    [Fact, Spec("runtime.md#kill")]
    public void Kill_sends_the_signal_to_the_program() => Conforms(() =>
    {
        var container = NewContainer("trap 'echo caught > /caught; exit' USR1; echo > /ready; while :; do sleep 0.05; done").Started();
        Container.Await(() => File.Exists(container.Rootfs + "/ready"), "the program did not come so far");
        container.Kill("USR1").Succeeds();
        container.AwaitStatus("stopped");
        File.ReadAllText(container.Rootfs + "/caught").ShouldBe("caught\n");
    });

    [Theory, Spec("runtime.md#kill")]
    [InlineData("KILL")]
    [InlineData("SIGKILL")]
    [InlineData("9")]
    public void A_signal_is_named_in_any_of_the_usual_ways(string signal) => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        container.Kill(signal).Succeeds();
        container.AwaitStatus("stopped");
    });

    [Fact, Spec("runtime.md#kill")]
    public void A_signal_that_does_not_exist_is_an_error() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        container.Kill("NOSUCH").Fails();
        container.Status.ShouldBe("running");
    });

    [Fact, Spec("runtime.md#kill")]
    public void Kill_of_a_created_container_ends_it() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Create().Succeeds();
        container.Kill("KILL").Succeeds();
        container.AwaitStatus("stopped");
        container.Delete().Succeeds();
    });

    [Fact, Spec("runtime.md#kill")]
    public void Kill_of_a_stopped_container_is_an_error() => Conforms(() =>
    {
        var container = NewContainer().Started();
        container.AwaitStatus("stopped");
        container.Kill("TERM").Fails();
    });

    [Fact, Spec("runtime.md#delete")]
    public void Delete_of_a_running_container_is_an_error_without_effect() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        container.Delete().Fails();
        container.Status.ShouldBe("running");
    });

    [Fact, Spec("runtime.md#delete")]
    public void Delete_of_a_created_container_is_an_error_without_effect() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Create().Succeeds();
        container.Delete().Fails();
        container.Status.ShouldBe("created");
    });

    [Fact, Spec("runtime.md#delete")]
    public void Delete_takes_the_control_groups_away() => Conforms(() =>
    {
        var container = NewContainer().Started();
        container.AwaitStatus("stopped");
        container.Delete().Succeeds();
        Groups.Exist(container.Id).ShouldBeFalse();
    });

    [Fact, Spec("runtime.md#delete")]
    public void An_id_may_be_used_again_after_delete() => Conforms(() =>
    {
        var container = NewContainer("exit 0");
        for (var i = 0; i < 2; i++)
        {
            container.Started().AwaitStatus("stopped");
            container.Delete().Succeeds();
        }
    });

    [Theory, Spec("runtime.md#operations")]
    [InlineData("state")]
    [InlineData("start")]
    [InlineData("kill")]
    [InlineData("delete")]
    public void A_container_that_does_not_exist_is_an_error(string command) => Conforms(() => NewContainer().Call(command, "no-such-container").Fails());

    [Theory, Spec("runtime.md#operations")]
    [InlineData("create")]
    [InlineData("state")]
    [InlineData("start")]
    [InlineData("kill")]
    [InlineData("delete")]
    public void A_missing_id_is_an_error(string command) => Conforms(() => NewContainer().Call(command).Fails());

    [Fact, Spec("runtime.md#create")]
    public void An_id_in_use_is_an_error_and_the_container_that_has_it_goes_on() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        container.Create().Fails();
        container.Status.ShouldBe("running");
    });

    [Theory, Spec("runtime.md#create")]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("sp ace")]
    [InlineData("")]
    public void An_id_that_is_not_valid_is_an_error_and_makes_nothing(string id) => Conforms(() =>
    {
        var container = NewContainer();
        container.Write();
        var result = container.Call("create", "--bundle", container.Location, id);
        // A runtime that takes the id has made a container, whose init waits for a start that never comes. Where it did not there is nothing to delete:
        // crun would take '..' for the directory above its own.
        if (result.Code == 0)
            container.Call("delete", "--force", id);
        result.Fails();
        if (Directory.Exists(container.Location + "/state"))
            Directory.GetFileSystemEntries(container.Location + "/state").ShouldBeEmpty();
    });

    [Theory, Spec("config.md")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{ \"ociVersion\": 3 }")]
    public void A_bundle_without_a_sound_configuration_is_an_error(string? config) => Conforms(() =>
    {
        var container = NewContainer();
        if (config is not null)
            File.WriteAllText(container.Location + "/config.json", config);
        container.Call("create", "--bundle", container.Location, container.Id).Fails();
        container.Call("state", container.Id).Fails();
    });

    [Fact, Spec("bundle.md")]
    public void A_bundle_that_does_not_exist_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Call("create", "--bundle", container.Location + "/none", container.Id).Fails();
    });

    [Fact, Spec("config.md#root")]
    public void A_root_that_does_not_exist_is_an_error_and_nothing_is_left() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["root"]!["path"] = "none";
        container.Create().Fails();
        container.Call("state", container.Id).Fails();
        Groups.Exist(container.Id).ShouldBeFalse();
    });

    [Fact, Spec("config.md#specification-version")]
    public void A_version_of_another_major_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["ociVersion"] = "2.0.0";
        container.Create().Fails();
    });

    [Fact, Spec("runtime.md#create")]
    public void A_property_that_cannot_be_applied_is_an_error_and_nothing_is_left() => Conforms(() =>
    {
        var container = NewContainer().Mount("no-such-file-system", "none", "/x");
        container.Create().Fails();
        container.Call("state", container.Id).Fails();
        Groups.Exist(container.Id).ShouldBeFalse();
        // The id is free.
        container.Mounts.RemoveAt(container.Mounts.Count - 1);
        container.Create().Succeeds();
    });

    [Fact, Spec("runtime.md#create")]
    public void Changes_of_the_configuration_after_create_have_no_effect() => Conforms(() =>
    {
        var container = NewContainer("echo first > /ran");
        container.Config["annotations"] = new JsonObject { ["which"] = "first" };
        container.Config["hooks"] = new JsonObject { ["poststop"] = new JsonArray(new JsonObject { ["path"] = "/bin/touch", ["args"] = Container.Json("touch", container.Location + "/first") }) };
        container.Create().Succeeds();
        container.Config["annotations"]!["which"] = "second";
        container.Config["hooks"]!["poststop"]![0]!["args"] = Container.Json("touch", container.Location + "/second");
        container.Runs("sh", "-c", "echo second > /ran").Write();
        container.Start().Succeeds();
        container.AwaitStatus("stopped");
        File.ReadAllText(container.Rootfs + "/ran").ShouldBe("first\n");
        container.State()["annotations"]!["which"]!.GetValue<string>().ShouldBe("first");
        container.Delete().Succeeds();
        (File.Exists(container.Location + "/first"), File.Exists(container.Location + "/second")).ShouldBe((true, false));
    });

    [Fact, Spec("runtime.md#start")]
    public void Without_a_process_create_goes_and_start_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config.Remove("process");
        container.Create().Succeeds();
        container.Start().Fails();
    });

    [Fact, Spec("runc-run(8)")]
    public void Run_ends_with_the_programs_code_and_leaves_nothing() => Conforms(() =>
    {
        var container = NewContainer("echo hello; exit 23");
        var result = container.Run();
        (result.Code, result.Output).ShouldBe((23, "hello"), result.Error);
        container.Call("state", container.Id).Fails();
        Groups.Exist(container.Id).ShouldBeFalse();
    });

    [Fact, Spec("runc-run(8)")]
    public void Run_detached_returns_while_the_container_runs() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Run("--detach").Succeeds();
        container.Status.ShouldBe("running");
    });

    [Fact, Spec("runc-delete(8)")]
    public void Delete_by_force_ends_a_running_container() => Conforms(() =>
    {
        var container = NewContainer("trap '' TERM; sleep 1000").Started();
        var pid = container.Pid;
        container.Delete("--force").Succeeds();
        container.Call("state", container.Id).Fails();
        Container.Await(() => !File.Exists($"/proc/{pid}/ns/pid") || File.ReadAllText($"/proc/{pid}/stat").Contains(" Z ", StringComparison.Ordinal), "it still runs");
    });

    [Fact, Spec("runc-delete(8)")]
    public void Delete_by_force_of_what_does_not_exist_is_no_error() => Conforms(() => NewContainer().Call("delete", "--force", "no-such-container").Succeeds());
}
