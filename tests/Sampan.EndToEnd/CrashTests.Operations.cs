namespace Sampan.EndToEnd;

/// <content>What the daemon is killed in the middle of.</content>
public sealed partial class CrashTests
{
    private const string Serve = "sleep 3600";

    // A space within one word of a command.
    private const string NoSpace = "\u00a0";

    private const string UntilTold = $"sh -c while{NoSpace}[{NoSpace}!{NoSpace}-e{NoSpace}/go{NoSpace}];{NoSpace}do{NoSpace}sleep{NoSpace}0.02;{NoSpace}done;{NoSpace}rm{NoSpace}/go";

    // What is done: its set-up, the act, what cleans up after it, and where the daemon dies on the way.
    private static readonly Dictionary<string, Operation> s_operations = new(StringComparer.Ordinal)
    {
        // The first one lets directories be made ahead.
        ["create"] = new(["create --name before busybox true"], "create --name new -v /data -p 80 busybox true", ["rm -v new before"],
            ["create.name-reserved", "snapshot.directories-made", "create.snapshot-prepared", "volume-create.directory-made", "volume-create.record-stored", "volume-create.data-made", "create.volumes-made", "create.record-stored"]),
        ["create in a volume"] = new([], "create --name new -v kept:/etc -w /made/here busybox true", ["rm new", "volume rm kept"],
            ["volume-create.record-stored", "volume-create.data-made", "create.volumes-made", "create.record-stored"]),
        ["start"] = new([$"create --name new -p 80 busybox {Serve}"], "start new", ["rm -f new"],
            ["filled netns/ID.json", "connect.record-stored", "namespace.file-made", "namespace.kept", "connect.namespace-made", "links-changed", "connect.links-made", "rules-changed", "connect.ports-published", "start.network-joined", "start.directory-made", "start.configuration-written", "start.supervisor-spawned", "start.supervisor-launched", "start.program-runs", "start.record-stored"])
        { Twice = ["start.supervisor-launched"] },
        ["start with a mounted volume"] = new(["volume create -o type=tmpfs -o device=tmpfs kept", $"create --name new --network none -v kept:/data busybox {Serve}"], "start new", ["rm -f new", "volume rm kept"],
            ["volume.mounted", "start.supervisor-spawned", "start.program-runs"]),
        ["exec"] = new([$"run -d --name new busybox {Serve}"], "exec new true", ["rm -f new"],
            ["exec.noted", "exec.program-runs"]),
        ["stop"] = new([$"run -d --name new --stop-signal KILL -p 80 busybox {Serve}"], "stop new", ["rm new"],
            ["filled ID/container.json", "stop.record-stored", "stop.signal-sent", "rules-changed", "namespace.dropped", "namespace.file-removed", "removed netns/ID.json", "exit.network-left", "exit.record-stored", "exit.directory-removed"])
        { Twice = ["stop.record-stored"] },
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
            ["remove.doom-stored", "exit.network-left", "exit.record-stored", "exit.directory-removed", "remove.record-marked", "volume-remove.removed", "remove.record-removed"])
        { Twice = ["remove.doom-stored", "remove.record-marked"] },
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
        ["end of what removes itself"] = new([$"run -d --name new --rm -v /data -p 80 busybox {UntilTold}"], "exec -d new touch /go", [],
            ["exit.record-stored", "removed snapshots/ID", "remove.record-removed"])
        { IsDone = there => !there.Any(line => line.Contains("/new ", StringComparison.Ordinal) || line.Contains("without a name", StringComparison.Ordinal)), Twice = ["exit.network-left"] },
        ["restart by its policy"] = new([$"run -d --name new --restart always -p 80 busybox {UntilTold}"], "exec -d new touch /go", ["rm -f new"],
            ["exit.network-left", "exit.record-stored", "exit.directory-removed", "start.network-joined", "start.program-runs", "start.record-stored"])
        { IsDone = IsRunningAgain, Look = "inspect -f {{.RestartCount}} new", Twice = ["exit.network-left"] },
        ["restart of what is unhealthy"] = new([$"run -d --name new --restart-on-unhealthy --stop-signal KILL --tmpfs /t --health-interval 100ms --health-retries 1 --health-cmd [{NoSpace}!{NoSpace}-e{NoSpace}/t/sick{NoSpace}] busybox {Serve}"], "exec -d new touch /t/sick", ["rm -f new"],
            ["stop.record-stored", "stop.signal-sent", "exit.record-stored", "start.program-runs"])
        { IsDone = IsRunningAgain, Look = "inspect -f {{.RestartCount}} new" },
        ["cp"] = new(["create --name new busybox true"], "cp ARCHIVE new:/bin", ["rm new"],
            ["copy.file-made"])
        { Look = "diff new", Twice = ["copy.file-made"] },
        ["cp into a volume of what runs"] = new([$"run -d --name new -v kept:/data busybox {Serve}"], "cp ARCHIVE new:/data", ["rm -f new", "volume rm kept"],
            ["copy.file-made"])
        { Look = "exec new ls -A /data" },
        ["import"] = new([], "import ARCHIVE new:1", ["rmi new:1"],
            ["image.names-written"]),
        ["volume clone"] = new([$"run -d --name new -v kept:/data busybox {Serve}"], "volume clone --pause kept copy", ["rm -f new", "volume rm kept copy"],
            ["pause.record-stored", "unpause.thawed"])
        { Twice = ["pause.record-stored"] },
        ["volume snapshot"] = new(["volume create kept"], "volume snapshot kept copy", ["volume rm kept copy"],
            ["volume-copy.filled", "volume-copy.record-stored", "volume-copy.named"]),
        ["volume import"] = new([], "volume import ARCHIVE new", ["volume rm new"],
            ["copy.file-made", "volume-copy.filled", "volume-copy.named"]),
        ["plugin install"] = new([], "plugin install --disable --grant-all-permissions --alias test/p REGISTRY/p:1", ["plugin rm test/p"],
            ["plugin.blobs-stored", "plugin.files-unpacked", "plugin.record-stored"]),
        ["plugin upgrade"] = new(["plugin install --disable --grant-all-permissions --alias test/p REGISTRY/p:1"], "plugin upgrade --grant-all-permissions --skip-remote-check test/p REGISTRY/p:2", ["plugin rm test/p"],
            ["plugin.blobs-stored", "plugin.files-unpacked", "plugin.record-stored"])
        { Look = "plugin inspect -f {{.Config.Description}} test/p" },
        ["plugin set"] = new(["plugin create test/p PLUGIN"], "plugin set test/p GREETING=other", ["plugin rm test/p"],
            ["filled ID/plugin.json", "written ID/plugin.json"])
        { Look = "plugin inspect -f {{.Settings.Env}} test/p" },
        ["plugin rm"] = new(["plugin create test/p PLUGIN"], "plugin rm test/p", [],
            ["removed plugins/ID"]),
    };

    private static bool IsRunningAgain(IReadOnlyList<string> there) => there[^1] == "1" && there.Any(line => line.StartsWith("container /new running, ", StringComparison.Ordinal));

    // Two at once, which meet in the same stores.
    private static readonly Dictionary<string, (Operation One, Operation Other)> s_together = new(StringComparer.Ordinal)
    {
        ["start and remove"] = (
            new([$"create --name new -p 80 -v /data busybox {Serve}"], "start new", ["rm -fv new"], []),
            new([$"run -d --name old -p 80 -v /data busybox {Serve}"], "rm -fv old", ["rm -fv old"], [])),
        ["pull and pull of what shares layers"] = (
            new([], "pull -q REGISTRY/other:1", ["rmi REGISTRY/other:1"], []),
            new([], "pull -q REGISTRY/other:2", ["rmi REGISTRY/other:2"], [])),
        ["create and rmi"] = (
            new([], "create --name new -v kept:/data busybox true", ["rm new", "volume rm kept"], []),
            new(["load -q -i ARCHIVE"], "rmi other:1", ["rmi other:1"], [])),
    };

    /// <param name="Before">Sets up.</param>
    /// <param name="Act">What the daemon is killed in.</param>
    /// <param name="After">Cleans up.</param>
    /// <param name="Points">Where it dies, beside the steps that it tells of itself.</param>
    private sealed record Operation(string[] Before, string Act, string[] After, string[] Points)
    {
        /// <summary>A command that tells what no list shows.</summary>
        public string? Look { get; init; }

        /// <summary>What the act sets off comes after its answer: whether it has. Null: the answer comes last.</summary>
        public Func<IReadOnlyList<string>, bool>? IsDone { get; init; }

        /// <summary>After which deaths the next daemon has so much to do that it is killed at that, too.</summary>
        public string[] Twice { get; init; } = [];

        public IReadOnlyCollection<string> Commands => [.. Before, Act, .. After];
    }
}
