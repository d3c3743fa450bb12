using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// The daemon is killed at each of its fail points (<c>FailPoint.Reach</c>), and another one starts on the same roots: what was being done is done or was
/// never begun, everything else is as it was, nothing is left in the kernel, and a running container has served all requests meanwhile.
/// </summary>
public sealed partial class CrashTests
{
    private const string Serve = "sleep 3600";

    // What is done: its set-up, the act, what cleans up after it, and where the daemon dies on the way.
    private static readonly Dictionary<string, Operation> s_operations = new(StringComparer.Ordinal)
    {
        // The first one lets directories be made ahead.
        ["create"] = new(["create --name before busybox true"], "create --name new -v /data -p 80 busybox true", ["rm -v new before"],
            ["create.name-reserved", "snapshot.directories-made", "create.snapshot-prepared", "volume-create.directory-made", "volume-create.record-stored", "volume-create.data-made", "create.volumes-made", "create.record-stored"]),
        ["create in a volume"] = new([], "create --name new -v kept:/etc -w /made/here busybox true", ["rm new", "volume rm kept"],
            ["volume-create.record-stored", "volume-create.data-made", "create.volumes-made", "create.record-stored"]),
        ["start"] = new([$"create --name new -p 80 busybox {Serve}"], "start new", ["rm -f new"],
            ["filled netns/ID.json", "connect.record-stored", "namespace.file-made", "namespace.kept", "connect.namespace-made", "links-changed", "connect.links-made", "rules-changed", "connect.ports-published", "start.network-joined", "start.directory-made", "start.configuration-written", "start.supervisor-spawned", "start.supervisor-launched", "start.program-runs", "start.record-stored"]),
        ["start with a mounted volume"] = new(["volume create -o type=tmpfs -o device=tmpfs kept", $"create --name new --network none -v kept:/data busybox {Serve}"], "start new", ["rm -f new", "volume rm kept"],
            ["volume.mounted", "start.supervisor-spawned", "start.program-runs"]),
        ["exec"] = new([$"run -d --name new busybox {Serve}"], "exec new true", ["rm -f new"],
            ["exec.noted", "exec.program-runs"]),
        ["stop"] = new([$"run -d --name new --stop-signal KILL -p 80 busybox {Serve}"], "stop new", ["rm new"],
            ["filled ID/container.json", "stop.record-stored", "stop.signal-sent", "rules-changed", "namespace.dropped", "namespace.file-removed", "removed netns/ID.json", "exit.network-left", "exit.record-stored", "exit.directory-removed"]),
        ["stop with a mounted volume"] = new(["volume create -o type=tmpfs -o device=tmpfs kept", $"run -d --name new --network none --stop-signal KILL -v kept:/data busybox {Serve}"], "stop new", ["rm new", "volume rm kept"],
            ["volume.unmounted", "exit.record-stored"]),
        ["restart"] = new([$"run -d --name new --stop-signal KILL -p 80 busybox {Serve}"], "restart new", ["rm -f new"],
            ["stop.record-stored", "exit.network-left", "exit.record-stored", "exit.directory-removed", "start.network-joined", "start.supervisor-spawned", "start.program-runs"]),
        ["pause"] = new([$"run -d --name new busybox {Serve}"], "pause new", ["rm -f new"],
            ["pause.record-stored"]),
        ["unpause"] = new([$"run -d --name new busybox {Serve}", "pause new"], "unpause new", ["rm -f new"],
            ["unpause.thawed"]),
        ["remove"] = new(["create --name new -v /data busybox true"], "rm -v new", [],
            ["remove.record-marked", "volume-remove.removed", "remove.volumes-removed", "remove.record-removed", "remove.snapshot-removed"]),
        ["remove by force"] = new([$"run -d --name new --restart always -v /data -p 80 busybox {Serve}"], "rm -fv new", [],
            ["remove.doom-stored", "exit.network-left", "exit.record-stored", "exit.directory-removed", "remove.record-marked", "volume-remove.removed", "remove.record-removed"]),
        ["update"] = new([$"run -d --name new -p 80 busybox {Serve}"], "update --publish-add 81 new", ["rm -f new"],
            ["ports.record-stored", "ports.published", "update.ports-changed", "update.record-stored", "update.limits-set"]),
        ["rename"] = new(["network create net", $"run -d --name new --network net busybox {Serve}"], "rename new newer", ["rm -f newer", "network rm net"],
            ["rename.name-reserved", "rename.record-stored"]),
        ["commit"] = new([$"run -d --name new busybox {Serve}", "exec new touch /changed"], "commit new made:1", ["rm -f new", "rmi made:1"],
            ["pause.record-stored", "commit.paused", "commit.layer-stored", "image.flushed", "image.record-written", "image.names-written", "unpause.thawed"]),
        ["load"] = new([], "load -q -i ARCHIVE", ["rmi other:1"],
            ["layer.directory-made", "layer.filled", "load.blobs-stored", "load.layers-unpacked", "image.flushed", "image.record-written", "image.names-written"]),
        ["pull"] = new([], "pull -q REGISTRY/other:1", ["rmi REGISTRY/other:1"],
            ["pull.layer-fetched", "pull.layers-unpacked", "pull.documents-stored", "image.record-written", "image.names-written"]),
        ["rmi"] = new(["load -q -i ARCHIVE"], "rmi other:1", [],
            ["image-remove.names-written", "image-remove.record-removed"]),
        ["network create"] = new([], "network create --label a=b net", ["network rm net"],
            ["filled network/ID.json", "network-create.record-stored", "network-create.bridge-made", "network-create.rules-set"]),
        ["network rm"] = new(["network create --label a=b net"], "network rm net", [],
            ["network-remove.rules-set", "network-remove.bridge-removed", "network-remove.record-removed"]),
        ["network connect"] = new(["network create net", $"run -d --name new -p 80 busybox {Serve}"], "network connect net new", ["rm -f new", "network rm net"],
            ["connect.record-stored", "connect.namespace-made", "connect.links-made", "connect.ports-published", "network-connect.connected", "network-connect.record-stored"]),
        ["network disconnect"] = new(["network create net", $"run -d --name new -p 80 busybox {Serve}", "network connect net new"], "network disconnect net new", ["rm -f new", "network rm net"],
            ["disconnect.record-stored", "disconnect.links-removed", "network-disconnect.disconnected", "network-disconnect.record-stored"]),
        ["tag"] = new([], "tag busybox new:1", ["rmi new:1"],
            ["filled images/references.json", "written images/references.json"]),
        ["volume create"] = new([], "volume create --label a=b kept", ["volume rm kept"],
            ["volume-create.directory-made", "volume-create.record-stored"]),
        ["volume rm"] = new(["volume create --label a=b kept"], "volume rm kept", [],
            ["volume-remove.removed"]),
        ["plugin create"] = new([], "plugin create test/p PLUGIN", ["plugin rm test/p"],
            ["plugin.blobs-stored", "plugin.files-unpacked", "plugin.record-stored"]),
        ["plugin enable"] = new(["plugin create test/p PLUGIN"], "plugin enable test/p", ["plugin rm -f test/p"],
            ["plugin-enable.runs", "plugin-enable.record-stored"]),
        ["plugin disable"] = new(["plugin create test/p PLUGIN", "plugin enable test/p"], "plugin disable test/p", ["plugin rm test/p"],
            ["plugin-disable.record-stored"]),
        ["container prune"] = new(["create --name new -v /data busybox true"], "container prune -f", ["volume prune -f"],
            ["remove.record-removed", "remove.snapshot-removed"]),
        ["image prune"] = new(["load -q -i ARCHIVE", "tag busybox other:1"], "image prune -f", ["rmi other:1"],
            ["image-remove.names-written", "image-remove.record-removed"]),
        ["network prune"] = new(["network create net"], "network prune -f", [],
            ["network-remove.bridge-removed"]),
        ["volume prune"] = new(["volume create kept"], "volume prune -a -f", [],
            ["volume-remove.removed"]),
    };

    public static TheoryData<string> Operations => [.. s_operations.Keys];

    [Theory, MemberData(nameof(Operations))]
    public async Task A_daemon_killed_at_any_step_loses_nothing_and_leaves_nothing(string name)
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        var operation = s_operations[name];
        using var scratch = new Scratch();
        var armed = Path.Combine(scratch.Path, "fail-point");
        await using var daemon = await Daemon.StartWithAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMPAN_FAIL_POINT_FILE"] = armed });
        await daemon.LoadAsync("busybox");
        await using var registry = name == "pull" ? await OwnRegistry.StartAsync("--root", Path.Combine(scratch.Path, "registry")) : null;
        var archive = Path.Combine(scratch.Path, "other.tar");
        var plugin = name.StartsWith("plugin ", StringComparison.Ordinal) ? ManagedPlugin.Make(Path.Combine(scratch.Path, "plugin")) : "";
        await MakeOtherAsync(daemon, archive, registry?.Host);
        await using var visitor = await Visitor.StartAsync(daemon);
        var empty = await Inventory.TakeAsync(daemon);
        await daemon.StopAsync();
        await daemon.StartAgainAsync();
        var nothing = await Census.TakeAsync(daemon);

        // Once without a crash: what there is to be before and after.
        await RunAllAsync(operation.Before);
        var before = await Inventory.TakeAsync(daemon);
        await File.WriteAllTextAsync(armed + ".reached", "");
        (await RunAsync(operation.Act)).Succeeded();
        var reached = await File.ReadAllLinesAsync(armed + ".reached");
        File.Delete(armed + ".reached");
        var after = await Inventory.TakeAsync(daemon);
        await RunAllAsync(operation.After);
        (await Inventory.TakeAsync(daemon)).ShouldBe(empty);

        // The daemon says itself what steps there are on the way; so a new one is tried, too.
        foreach (var point in operation.Points.Union(name.StartsWith("plugin ", StringComparison.Ordinal) ? [] : reached.Where(IsStep), StringComparer.Ordinal))
        {
            await RunAllAsync(operation.Before);
            await File.WriteAllTextAsync(armed, point);
            var act = await RunAsync(operation.Act);
            (await daemon.EndAsync()).ShouldBe(137, $"'{operation.Act}' comes to '{point}': {act.All}\n{daemon.Log}");
            act.Failed();
            File.Delete(armed);
            await daemon.StartAgainAsync();

            // The second half of a restart comes a moment after the daemon is there.
            IReadOnlyList<string> found = [];
            await Eventually.PassesAsync(async () =>
            {
                found = await Inventory.TakeAsync(daemon);
                new[] { string.Join('\n', before), string.Join('\n', after) }.ShouldContain(string.Join('\n', found), $"after '{point}' of '{name}': done or not begun\n{daemon.Log}");
            });
            if (!found.SequenceEqual(after, StringComparer.Ordinal) || before.SequenceEqual(after, StringComparer.Ordinal))
            {
                (await RunAsync(operation.Act)).Succeeded($"done again, after '{point}'");
                (await Inventory.TakeAsync(daemon)).ShouldBe(after, $"after '{point}'");
            }

            (await daemon.SampanAsync("system", "check")).Succeeded($"after '{point}'");
            await visitor.WasServedThroughoutAsync($"'{point}' of '{name}'");
            await RunAllAsync(operation.After);
            (await Inventory.TakeAsync(daemon)).ShouldBe(empty, $"after '{point}'");
            await Census.ReturnsToAsync(daemon, nothing);
        }

        Task<Outcome> RunAsync(string command)
            => daemon.SampanAsync(command.Replace("ARCHIVE", archive, StringComparison.Ordinal).Replace("PLUGIN", plugin, StringComparison.Ordinal).Replace("REGISTRY", registry?.Host, StringComparison.Ordinal).Split(' '));

        async Task RunAllAsync(IEnumerable<string> commands)
        {
            foreach (var command in commands)
            {
                (await RunAsync(command)).Succeeded();
            }
        }
    }

    [Fact]
    public void Every_fail_point_of_the_sources_is_tried()
    {
        var there = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Reached().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        s_operations.Values.SelectMany(operation => operation.Points).Where(point => !point.Contains(' ', StringComparison.Ordinal)).Concat(BuildCrashTests.Points).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(there);
    }

    // Of a recipe; not what was made ahead this time and need not be made the next.
    private static bool IsStep(string place) =>
        place.Contains('.', StringComparison.Ordinal) && !place.Contains(' ', StringComparison.Ordinal) && !place.StartsWith("namespace.", StringComparison.Ordinal) && !place.StartsWith("layer.", StringComparison.Ordinal) && !place.StartsWith("plugin", StringComparison.Ordinal);

    // An image with a layer of its own, as an archive, and in a registry; not in the engine.
    private static async Task MakeOtherAsync(Daemon daemon, string archive, string? registry)
    {
        (await daemon.SampanAsync("run", "--name", "maker", "busybox", "sh", "-c", "echo other >/other")).Succeeded();
        (await daemon.SampanAsync("commit", "maker", "other:1")).Succeeded();
        (await daemon.SampanAsync("rm", "maker")).Succeeded();
        (await daemon.SampanAsync("save", "-o", archive, "other:1")).Succeeded();
        if (registry is not null)
        {
            (await daemon.SampanAsync("tag", "other:1", $"{registry}/other:1")).Succeeded();
            (await daemon.SampanAsync("push", "-q", $"{registry}/other:1")).Succeeded();
            (await daemon.SampanAsync("rmi", $"{registry}/other:1")).Succeeded();
        }

        (await daemon.SampanAsync("rmi", "other:1")).Succeeded();
    }

    [GeneratedRegex("FailPoint\\.Reach\\(\"(?<name>[a-z.-]+)\"\\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reached();

    private sealed record Operation(string[] Before, string Act, string[] After, string[] Points);
}
