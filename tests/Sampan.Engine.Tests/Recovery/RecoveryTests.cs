using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs;
using Sampan.Engine.Networks;
using Sampan.Engine.Tests.Doubles;
using Sampan.Engine.Volumes;

namespace Sampan.Engine.Tests.Recovery;

/// <summary>The daemon dies without a word and another one starts on the same roots.</summary>
public sealed class RecoveryTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Running_container_is_adopted_undisturbed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(name: "web");
        var before = harbour.Containers.Get(id);
        await harbour.ReopenAsync();
        var after = harbour.Containers.Get("web");
        after.State.ShouldBe(before.State);
        after.Endpoints[0].Address.ShouldBe(before.Endpoints[0].Address);
        harbour.Process(id).Signals.ShouldBeEmpty();
        harbour.Networks.Adopted.ShouldBe([id]);

        var exit = harbour.Containers.WaitAsync(id, WaitCondition.NotRunning, None);
        harbour.Process(id).End(5);
        (await exit).ExitCode.ShouldBe(5);
    }

    [Fact]
    public async Task Network_that_was_being_connected_is_left_and_one_being_disconnected_is_forgotten()
    {
        await using var harbour = await Harbour.OpenAsync();
        var half = await harbour.Engine.Networks.CreateAsync(new NetworkWishes { Name = "half" }, None);
        var leaving = await harbour.Engine.Networks.CreateAsync(new NetworkWishes { Name = "leaving" }, None);
        var id = await harbour.RunAsync();
        await harbour.Engine.Networks.ConnectAsync("leaving", id, new EndpointWish(), None);
        harbour.Networks.Members.TryRemove((id, leaving.Id), out _);
        harbour.Networks.Members[(id, half.Id)] = new Sampan.Network.NetworkMember { ContainerId = id, ContainerName = "", EndpointId = new string('f', 64) };

        await harbour.ReopenAsync();

        harbour.Networks.Left.ShouldBe([$"{id} {half.Id}"]);
        var now = harbour.Containers.Get(id);
        now.Endpoints.Select(e => e.NetworkName).ShouldBe(["bridge"]);
        now.Spec.Network.Endpoints.Keys.ShouldNotContain("leaving");
    }

    [Fact]
    public async Task Ports_that_were_being_changed_when_the_daemon_died_are_as_they_were()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { PublishedPorts = [new PublishedPort { Port = new ContainerPort(80, Engine.Containers.Endpoints.PortProtocol.Tcp), HostPort = 8080 }] });
        var before = harbour.Containers.Get(id).Endpoints.SelectMany(e => e.Ports).ToList();
        var place = harbour.Networks.Members.Single(m => m.Key.Container == id);
        harbour.Networks.Members[place.Key] = place.Value with { Ports = [new() { Protocol = Sampan.Network.PortProtocol.Tcp, ContainerPort = 81, HostAddress = System.Net.IPAddress.Any, HostPort = 8081 }] };

        await harbour.ReopenAsync();

        harbour.Networks.PortChanges.ShouldBe([$"{id} +8080:80 -8081"]);
        harbour.Containers.Get(id).Endpoints.SelectMany(e => e.Ports).ShouldBe(before);
    }

    [Fact]
    public async Task Container_that_was_renamed_when_the_daemon_died_has_its_new_name_everywhere()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(name: "old");
        await harbour.Engine.Containers.RenameAsync(id, "new");
        harbour.Networks.Renamed.Clear();
        var place = harbour.Networks.Members.Single(m => m.Key.Container == id);
        harbour.Networks.Members[place.Key] = place.Value with { ContainerName = "old" };

        await harbour.ReopenAsync();

        harbour.Networks.Renamed[id].ShouldBe("new");
        harbour.Containers.Get("new").Id.ShouldBe(id);
    }

    [Fact]
    public async Task Anonymous_volumes_of_a_create_without_a_record_go_and_others_stay()
    {
        await using var harbour = await Harbour.OpenAsync();
        var whole = await harbour.CreateAsync(Harbour.Spec with { AnonymousVolumes = ["/kept"] });
        var kept = harbour.Containers.Get(whole).Mounts.Single().VolumeName;
        var lost = (await harbour.Engine.Volumes.CreateAsync(new VolumeWish(), None)).Name;
        var named = (await harbour.Engine.Volumes.CreateAsync(new VolumeWish { Name = "named" }, None)).Name;
        var directory = Directory.CreateDirectory(Path.Combine(harbour.Data, "containers", new string('a', 64))).FullName;
        await File.WriteAllLinesAsync(Path.Combine(directory, "making-volumes"), [lost, named, "never-made"], None);

        await harbour.ReopenAsync();

        harbour.Engine.Volumes.List().Select(v => v.Name).ShouldBe(new[] { kept, named }, ignoreOrder: true);
        Directory.Exists(directory).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_field_of_a_wish_survives()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with
        {
            Env = ["A=1"],
            Binds = [BindSpec.Parse("vol:/v:ro")],
            PublishedPorts = [new PublishedPort { Port = new ContainerPort(80, PortProtocol.Tcp), HostPort = 8080 }],
            Resources = new ResourceLimits { NanoCpus = 500_000_000, Ulimits = [new UlimitSpec("nofile", 10, 20)] },
            Restart = new RestartPolicy(RestartKind.UnlessStopped),
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Network = new NetworkWish { Mode = "none", Endpoints = new Dictionary<string, EndpointWish>() },
        });
        var before = harbour.Containers.Get(id);
        await harbour.ReopenAsync();
        var after = harbour.Containers.Get(id);
        System.Text.Json.JsonSerializer.Serialize(after, EngineJson.Default.ContainerSnapshot).ShouldBe(System.Text.Json.JsonSerializer.Serialize(before, EngineJson.Default.ContainerSnapshot));
        after.Spec.Restart.Kind.ShouldBe(RestartKind.UnlessStopped);
        after.Spec.PublishedPorts[0].Port.ToString().ShouldBe("80/tcp");
    }

    [Fact]
    public async Task Container_that_ended_meanwhile_has_its_exit_code()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var process = harbour.Process(id);
        await harbour.Engine.DisposeAsync();
        process.End(9);
        await harbour.ReopenAsync();
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Exited>().Status.ExitCode.ShouldBe(9);
        harbour.Networks.Connected.ShouldBeEmpty();
        Directory.Exists(Path.Combine(harbour.Root, "run", "containers", id)).ShouldBeFalse();
    }

    [Fact]
    public async Task Container_lost_with_the_machine_is_told_so()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await harbour.Engine.DisposeAsync();
        harbour.Supervisors.Living.Clear();
        await harbour.ReopenAsync();
        var status = harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Exited>().Status;
        status.ExitCode.ShouldBe(255);
        status.Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task Rm_container_that_ended_meanwhile_is_removed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { AutoRemove = true });
        var process = harbour.Process(id);
        await harbour.Engine.DisposeAsync();
        process.End(0);
        await harbour.ReopenAsync();
        harbour.Containers.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Limits_that_were_being_changed_are_given_once_and_not_again_after_others()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        var ended = harbour.Process(id);
        await harbour.Engine.DisposeAsync();
        var record = Path.Combine(harbour.Data, "containers", id, "container.json");
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record)).Replace("\"record\":{", "\"record\":{\"ChangingLimits\":{\"Memory\":67108864},", StringComparison.Ordinal));
        await harbour.ReopenAsync();
        ended.Updated!.Memory!.Limit.ShouldBe(64 << 20, "the daemon goes on with what the one before began");

        await harbour.Engine.DisposeAsync();
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record)).Replace("\"record\":{", "\"record\":{\"ChangingLimits\":{\"Memory\":67108864},", StringComparison.Ordinal));
        ended.End(0);
        await harbour.ReopenAsync();
        await harbour.Containers.StartAsync(id, None);
        await harbour.ReopenAsync();
        harbour.Process(id).Updated.ShouldBeNull("it ended meanwhile, and has had its limits from its start");
    }

    [Fact]
    public async Task Policy_always_brings_back_what_a_person_had_stopped_and_unless_stopped_does_not()
    {
        await using var harbour = await Harbour.OpenAsync();
        var always = await harbour.RunAsync(Harbour.Spec with { Restart = new RestartPolicy(RestartKind.Always) });
        var unless = await harbour.RunAsync(Harbour.Spec with { Restart = new RestartPolicy(RestartKind.UnlessStopped) });
        await harbour.Containers.StopAsync(always, 1, null, None);
        await harbour.Containers.StopAsync(unless, 1, null, None);
        await harbour.Engine.DisposeAsync();
        await harbour.ReopenAsync();
        await harbour.EventAsync("start", always);
        harbour.Containers.Get(unless).IsRunning.ShouldBeFalse();
        harbour.Containers.Get(unless).RestartsAt.ShouldBeNull();
    }

    [Fact]
    public async Task Container_that_waited_for_a_start_that_never_came_is_taken_down()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        var state = Path.Combine(harbour.Root, "run", "containers", id);
        Directory.CreateDirectory(state);
        await harbour.Supervisors.LaunchAsync(new Sampan.Engine.Supervision.LaunchOrder { Id = id, StateDirectory = state, Spec = new Sampan.Oci.Runtime.RuntimeSpec(), RootfsMounts = [], Log = new LogPlan(0, 1, false) }, None);
        await harbour.ReopenAsync();
        harbour.Supervisors.Living.ShouldBeEmpty();
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Created>();
        (await harbour.Containers.StartAsync(id, None)).ShouldBe(StartOutcome.Started);
    }

    [Fact]
    public async Task Supervisor_without_a_record_is_taken_down()
    {
        await using var harbour = await Harbour.OpenAsync();
        var state = Path.Combine(harbour.Root, "run", "containers", new string('f', 64));
        Directory.CreateDirectory(state);
        await harbour.Supervisors.LaunchAsync(new Sampan.Engine.Supervision.LaunchOrder { Id = new string('f', 64), StateDirectory = state, Spec = new Sampan.Oci.Runtime.RuntimeSpec(), RootfsMounts = [], Log = new LogPlan(0, 1, false) }, None);
        await harbour.ReopenAsync();
        harbour.Supervisors.Living.ShouldBeEmpty();
        Directory.Exists(state).ShouldBeFalse();
    }

    [Fact]
    public async Task Create_that_a_crash_interrupted_leaves_no_snapshot()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        // The record is written last: without it the create was never acknowledged.
        Directory.Delete(Path.Combine(harbour.Data, "containers", id), recursive: true);
        await harbour.ReopenAsync();
        harbour.Containers.List().ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(harbour.Data, id + "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Engine_without_running_containers_releases_the_network()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await harbour.Engine.DisposeAsync();
        harbour.Networks.Released.ShouldBeFalse();
        await harbour.ReopenAsync();
        await harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
        await harbour.Engine.DisposeAsync();
        harbour.Networks.Released.ShouldBeTrue();
    }
}
