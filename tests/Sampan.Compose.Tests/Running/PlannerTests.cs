using System.Globalization;
using Sampan.Compose.Running;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Networks;

namespace Sampan.Compose.Tests.Running;

public sealed class PlannerTests
{
    private static readonly Desired s_desired = new("hash", null, "image-1", new Dictionary<string, string>(StringComparer.Ordinal) { ["app_default"] = "net-1" });

    [Fact]
    public void Nothing_there_makes_all() => Plan([], 3).ShouldBe(["Create 1", "Create 2", "Create 3"]);

    [Fact]
    public void All_as_it_should_be_changes_nothing() => Plan([Container(1), Container(2)], 2).ShouldBe(["Keep 1", "Keep 2"]);

    [Fact]
    public void What_does_not_run_is_started() => Plan([Container(1, state: "exited"), Container(2, state: "created")], 2).ShouldBe(["Start 1", "Start 2"]);

    [Fact]
    public void What_is_too_many_goes_the_highest_numbers_first() => Plan([Container(1), Container(2), Container(3)], 1).ShouldBe(["Remove 2: 1 wanted", "Remove 3: 1 wanted", "Keep 1"]);

    [Fact]
    public void Gaps_are_filled() => Plan([Container(2)], 3).ShouldBe(["Keep 2", "Create 1", "Create 3"]);

    [Fact]
    public void What_changed_is_replaced_and_it_is_said_why()
    {
        Plan([Container(1, hash: "old")], 1).ShouldBe(["Recreate 1: its configuration changed"]);
        Plan([Container(1, image: "image-0")], 1).ShouldBe(["Recreate 1: the image 'x' changed"]);
        Plan([Container(1, network: "net-0")], 1).ShouldBe(["Recreate 1: the network 'app_default' is another one"]);
        Plan([Container(1, state: "dead")], 1).ShouldBe(["Recreate 1: it is dead"]);
        Plan([Container(1)], 1, RecreateMode.Always).ShouldBe(["Recreate 1: forced"]);
        Plan([Container(1, hash: "old")], 1, RecreateMode.Never).ShouldBe(["Keep 1"]);
    }

    [Fact]
    public void What_changed_is_named_where_the_container_remembers_it()
    {
        string before = ServiceHash.Keys(Files.Load("services: {a: {image: x, environment: {A: b}, tty: true}}").Services["a"]), after = ServiceHash.Keys(Files.Load("services: {a: {image: x, environment: {A: c}, user: u}}").Services["a"]);
        ServiceHash.Changed(before, after).ShouldBe(["environment", "tty", "user"]);
        ServiceHash.Changed(after, after).ShouldBeEmpty();
        var old = Container(1, hash: "old");
        var container = new ProjectContainer(old.Summary with { Labels = new Dictionary<string, string>(old.Summary.Labels!, StringComparer.Ordinal) { [Labels.KeyHashes] = before } });
        Planner.Plan(Files.Load("services: {a: {image: x}}").Services["a"], [container], s_desired with { Keys = after }, 1, RecreateMode.Changed, _ => false)[0].Reason.ShouldBe("its configuration changed: environment, tty, user");
    }

    [Fact]
    public void A_service_that_asks_for_it_is_restarted_when_what_it_depends_on_was_replaced()
    {
        Plan([Container(1)], 1, yaml: "services: {a: {image: x, depends_on: {b: {condition: service_started, restart: true}}}, b: {image: x}}", replaced: "b").ShouldBe(["Restart 1: 'b', which it depends on, was replaced"]);
        Plan([Container(1)], 1, yaml: "services: {a: {image: x, depends_on: [b]}, b: {image: x}}", replaced: "b").ShouldBe(["Keep 1"]);
        Plan([Container(1)], 1, yaml: "services: {a: {image: x, network_mode: \"service:b\"}, b: {image: x}}", replaced: "b").ShouldBe(["Recreate 1: it shares a namespace with 'b', which was replaced"]);
    }

    [Fact]
    public void What_an_interrupted_replacement_left_is_put_right()
    {
        var old = Container(1, hash: "old", name: "app-a-1");
        var fresh = Container(1, name: "123456789012_app-a-1", state: "created");
        Plan([old, fresh], 1).ShouldBe(["Remove 1: left over from an interrupted replacement", "Start 1"]);
        Planner.Plan(Files.Load("services: {a: {image: x}}").Services["a"], [old, fresh], s_desired, 1, RecreateMode.Changed, _ => false)[0].Existing.ShouldBe(old);
    }

    [Fact]
    public void A_plan_that_was_carried_out_plans_nothing_more()
    {
        for (int before = 0; before < 4; before++)
        {
            for (int replicas = 0; replicas < 4; replicas++)
            {
                var there = Enumerable.Range(1, before).Select(n => Container(n, hash: n % 2 == 0 ? "old" : "hash")).ToList();
                var service = Files.Load("services: {a: {image: x}}").Services["a"];
                var after = Planner.Plan(service, there, s_desired, replicas, RecreateMode.Changed, _ => false).Where(a => a.Kind != ContainerActionKind.Remove).Select(a => Container(a.Number)).ToList();
                after.Count.ShouldBe(replicas);
                Planner.Plan(service, after, s_desired, replicas, RecreateMode.Changed, _ => false).ShouldAllBe(a => a.Kind == ContainerActionKind.Keep);
            }
        }
    }

    private static IEnumerable<string> Plan(IReadOnlyList<ProjectContainer> there, int replicas, RecreateMode mode = RecreateMode.Changed, string yaml = "services: {a: {image: x}}", string? replaced = null) =>
        Planner.Plan(Files.Load(yaml).Services["a"], there, s_desired, replicas, mode, other => other == replaced).Select(a => $"{a.Kind} {a.Number}{(a.Reason.Length > 0 ? ": " + a.Reason : "")}");

    private static ProjectContainer Container(int number, string hash = "hash", string image = "image-1", string network = "net-1", string state = "running", string? name = null) => new(new ContainerSummary
    {
        Id = $"id-{number}-{hash}-{name}",
        Names = ["/" + (name ?? $"app-a-{number}")],
        State = state,
        ImageID = image,
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [Labels.Service] = "a", [Labels.Number] = number.ToString(CultureInfo.InvariantCulture), [Labels.ConfigHash] = hash },
        NetworkSettings = new ContainerSummaryNetworks { Networks = new Dictionary<string, EndpointSettings?>(StringComparer.Ordinal) { ["app_default"] = new EndpointSettings { NetworkID = network } } },
    });
}
