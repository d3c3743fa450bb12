using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>The state as JSON.</summary>
public sealed class StateTests : ConformanceTest
{
    [Fact, Spec("runtime.md#state")]
    public void The_state_has_all_that_is_required() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000");
        container.Create().Succeeds();
        var state = container.State();
        state["ociVersion"]!.GetValue<string>().ShouldStartWith("1.");
        state["id"]!.GetValue<string>().ShouldBe(container.Id);
        state["status"]!.GetValue<string>().ShouldBe("created");
        state["bundle"]!.GetValue<string>().ShouldBe(container.Location);
        var pid = state["pid"]!.GetValue<int>();
        pid.ShouldBeGreaterThan(0);
        File.Exists($"/proc/{pid}/status").ShouldBeTrue();
    });

    [Fact, Spec("runtime.md#state")]
    public void The_pid_of_a_created_container_is_that_of_the_program_later() => Conforms(() =>
    {
        var container = NewContainer();
        container.Runs("sleep", "1000");
        container.Create().Succeeds();
        var pid = container.Pid;
        container.Start().Succeeds();
        container.Pid.ShouldBe(pid);
        File.ReadAllText($"/proc/{pid}/cmdline").ShouldBe("sleep\01000\0");
    });

    [Fact, Spec("runtime.md#state")]
    public void Annotations_are_in_the_state() => Conforms(() =>
    {
        var container = NewContainer();
        container.Config["annotations"] = new JsonObject { ["com.example.key"] = "a \"value\" ü" };
        container.Create().Succeeds();
        container.State()["annotations"]!["com.example.key"]!.GetValue<string>().ShouldBe("a \"value\" ü");
    });

    [Fact, Spec("runtime.md#state")]
    public void The_bundles_path_is_absolute_although_it_was_given_relative() => Conforms(() =>
    {
        var container = NewContainer();
        container.Write();
        container.Call([], "create", ["--bundle", Path.GetFileName(container.Location), container.Id], $"cd {Path.GetDirectoryName(container.Location)}").Succeeds();
        container.State()["bundle"]!.GetValue<string>().ShouldBe(container.Location);
    });

    [Fact, Spec("runc-create(8)")]
    public void The_bundle_is_the_working_directory_if_none_is_given() => Conforms(() =>
    {
        var container = NewContainer();
        container.Write();
        container.Call([], "create", [container.Id], $"cd {container.Location}").Succeeds();
        container.State()["bundle"]!.GetValue<string>().ShouldBe(container.Location);
    });

    [Fact, Spec("runc-create(8)")]
    public void The_pid_file_has_the_pid() => Conforms(() =>
    {
        var container = NewContainer();
        container.Create("--pid-file", container.Location + "/pid").Succeeds();
        File.ReadAllText(container.Location + "/pid").Trim().ShouldBe(container.Pid.ToString());
    });

    [Fact, Spec("runc-list(8)")]
    public void List_names_the_containers_of_the_root_directory() => Conforms(() =>
    {
        var container = NewContainer("sleep 1000").Started();
        var lines = container.Call("list").Succeeds().Output.Split('\n');
        lines.Length.ShouldBe(2);
        lines[1].ShouldStartWith(container.Id);
        lines[1].ShouldContain(" running ");
        container.Call("list", "--quiet").Prints(container.Id);
        var json = JsonNode.Parse(container.Call("list", "--format", "json").Succeeds().Output)!.AsArray();
        json.Single()!["id"]!.GetValue<string>().ShouldBe(container.Id);
        json.Single()!["pid"]!.GetValue<int>().ShouldBe(container.Pid);
        json.Single()!["status"]!.GetValue<string>().ShouldBe("running");
        json.Single()!["bundle"]!.GetValue<string>().ShouldBe(container.Location);
    });

    [Fact, Spec("runc(8)")]
    public void Errors_are_in_the_log_as_json() => Conforms(() =>
    {
        var container = NewContainer();
        var log = container.Location + "/log";
        container.Call(["--log", log, "--log-format", "json"], "state", ["no-such-container"]).Code.ShouldNotBe(0);
        var line = JsonNode.Parse(File.ReadAllLines(log)[^1])!;
        line["level"]!.GetValue<string>().ShouldBe("error");
        line["msg"]!.GetValue<string>().ShouldNotBeEmpty();
        DateTimeOffset.TryParse(line["time"]!.GetValue<string>(), out _).ShouldBeTrue();
    });

    [Fact, Spec("features.md")]
    public void Features_are_told() => Conforms(() =>
    {
        var features = JsonNode.Parse(NewContainer().Call("features").Succeeds().Output)!.AsObject();
        Version.Parse(features["ociVersionMin"]!.GetValue<string>().Split('-')[0]).ShouldBeLessThanOrEqualTo(Version.Parse(features["ociVersionMax"]!.GetValue<string>().Split('-')[0]));
        features["hooks"]!.AsArray().Select(one => one!.GetValue<string>()).Order(StringComparer.Ordinal)
            .ShouldBe(["createContainer", "createRuntime", "poststart", "poststop", "prestart", "startContainer"]);
        var options = features["mountOptions"]!.AsArray().Select(one => one!.GetValue<string>()).ToArray();
        options.ShouldContain("ro");
        options.ShouldContain("rbind");
        features["linux"]!["namespaces"]!.AsArray().Select(one => one!.GetValue<string>()).ShouldContain("network");
        features["linux"]!["capabilities"]!.AsArray().Select(one => one!.GetValue<string>()).ShouldContain("CAP_CHOWN");
        features["linux"]!["seccomp"]!["actions"]!.AsArray().Select(one => one!.GetValue<string>()).ShouldContain("SCMP_ACT_ERRNO");
    });

    [Fact, Spec("runc-spec(8)")]
    public void Spec_writes_a_configuration_that_is_the_runtimes_own() => Conforms(() =>
    {
        var container = NewContainer();
        container.Call("spec", "--bundle", container.Location).Succeeds();
        container.Config = JsonNode.Parse(File.ReadAllText(container.Location + "/config.json"))!.AsObject();
        container.Config["ociVersion"]!.GetValue<string>().ShouldStartWith("1.");
        container.Process["terminal"] = false;
        container.Linux["cgroupsPath"] = Groups.PathOf(container.Id);
        container.Runs("sh", "-c", "echo ran").Run().Prints("ran");
    });

    [Fact, Spec("runc-spec(8)")]
    public void Spec_overwrites_no_configuration() => Conforms(() =>
    {
        var container = NewContainer();
        container.Write();
        container.Call("spec", "--bundle", container.Location).Fails();
    });
}
