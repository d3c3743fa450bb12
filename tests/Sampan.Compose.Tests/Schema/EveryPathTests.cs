using System.Text.Json;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Output;
using Sampan.Compose.Running;
using Sampan.Compose.Schema;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;

namespace Sampan.Compose.Tests.Schema;

/// <summary>
/// Every place of the specification's schema (Goldens/paths.txt: keys with dots between, <c>*</c> for a name of the user's, <c>[]</c> for an item) is in ours, and is
/// refused, or changed by a test that sees what becomes of it.
/// </summary>
public sealed class EveryPathTests
{
    private static readonly string[] s_ours = ["secrets.*.content", "services.*.x-sampan-gateway"];

    // What the tables of EveryKeyTests don't change: without the key, with it, and what shows it.
    private static readonly Dictionary<string, (string Without, string With, Func<string, object?> Shown)> s_views = new(StringComparer.Ordinal)
    {
        ["name"] = ("{}", "{name: other, services: {}}", y => Load(y).Name),
        ["version"] = ("{}", "{version: '3'}", y => Load(y).Warnings.Count),
        ["include"] = ("{}", "{include: [sub/more.yaml]}", Services),
        ["include[].path"] = ("{include: [{path: [sub/more.yaml]}]}", "{include: [{path: [sub/more.yaml, sub/other.yaml]}]}", Services),
        ["include[].env_file"] = ("{include: [{path: sub/other.yaml}]}", "{include: [{path: sub/other.yaml, env_file: sub/tag.env}]}", y => Load(y).Services["other"].Image),
        ["include[].project_directory"] = ("{include: [{path: sub/other.yaml}]}", "{include: [{path: sub/other.yaml, project_directory: .}]}", y => Load(y).Services["other"].BuildDirectory),
        ["configs"] = ("{}", "{configs: {c: {content: x}}}", y => Load(y).Configs.Count),
        ["configs.*.content"] = (Config("content: x"), Config("content: other"), Files),
        ["configs.*.environment"] = (Config("environment: ONE"), Config("environment: TWO"), Files),
        ["configs.*.file"] = (Config("file: ./a"), Config("file: ./b"), Files),
        ["configs.*.external"] = (Config("external: false, content: x"), Config("external: true"), Problem(Files)),
        ["configs.*.external.name"] = (Config("external: false"), Config("external: {name: other}"), y => Load(y).Configs["c"].Text("name")),
        ["configs.*.name"] = (Config("content: x"), Config("content: x, name: other"), y => Load(y).Configs["c"].Text("name")),
        ["configs.*.labels"] = (Config("content: x"), Config("content: x, labels: {a: b}"), Text),
        ["secrets"] = ("{}", "{secrets: {c: {environment: ONE}}}", y => Load(y).Secrets.Count),
        ["secrets.*.environment"] = (Secret("environment: ONE"), Secret("environment: TWO"), Files),
        ["secrets.*.file"] = (Secret("file: ./a"), Secret("file: ./b"), Files),
        ["secrets.*.external"] = (Secret("environment: ONE"), Secret("external: true"), Problem(Files)),
        ["secrets.*.external.name"] = (Secret("external: false"), Secret("external: {name: other}"), y => Load(y).Secrets["c"].Text("name")),
        ["secrets.*.name"] = (Secret("environment: ONE"), Secret("environment: ONE, name: other"), y => Load(y).Secrets["c"].Text("name")),
        ["secrets.*.labels"] = (Secret("environment: ONE"), Secret("environment: ONE, labels: {a: b}"), Text),
        ["networks.*.external"] = ("{networks: {n: {}}}", "{networks: {n: {external: true}}}", y => ComposeSchema.IsExternal(Load(y).Networks["n"])),
        ["networks.*.external.name"] = ("{networks: {n: {external: true}}}", "{networks: {n: {external: {name: other}}}}", y => Load(y).Networks["n"].Text("name")),
        ["volumes.*.external"] = ("{volumes: {n: {}}}", "{volumes: {n: {external: true}}}", y => ComposeSchema.IsExternal(Load(y).Volumes["n"])),
        ["volumes.*.external.name"] = ("{volumes: {n: {external: true}}}", "{volumes: {n: {external: {name: other}}}}", y => Load(y).Volumes["n"].Text("name")),
        ["services.*.deploy.endpoint_mode"] = (Deploy("replicas: 1"), Deploy("replicas: 1, endpoint_mode: vip"), y => A(y).IsVirtual),
        ["services.*.deploy.mode"] = (Deploy("replicas: 3"), Deploy("replicas: 3, mode: global"), y => A(y).Replicas),
        ["services.*.deploy.replicas"] = (Deploy(""), Deploy("replicas: 3"), y => A(y).Replicas),
        ["services.*.deploy.placement"] = (Deploy(""), Deploy("placement: {constraints: [node.role == worker]}"), Text),
        ["services.*.deploy.placement.constraints"] = (Deploy("placement: {constraints: [node.role == manager]}"), Deploy("placement: {constraints: [node.role == worker]}"),
            y => Placement.Check(A(y).Tree.Map("deploy")!.Map("placement")!.Texts("constraints")[0], new SystemInfo())),
        ["services.*.deploy.placement.max_replicas_per_node"] = (Deploy("replicas: 3"), Deploy("replicas: 3, placement: {max_replicas_per_node: 2}"), Problem(Services)),
        ["services.*.ports[].mode"] = ("{services: {a: {image: x, scale: 2, ports: [{target: 80, published: 80}]}}}", "{services: {a: {image: x, scale: 2, ports: [{target: 80, published: 80, mode: host}]}}}", Problem(Services)),
        ["services.*.deploy.update_config"] = (Deploy(""), Deploy("update_config: {}"), Rules("update_config")),
        ["services.*.deploy.rollback_config"] = (Deploy(""), Deploy("rollback_config: {}"), Rules("rollback_config")),
        ["services.*.develop.watch[].target"] = (Watch("action: restart"), Watch("action: restart, target: /t"), y => A(y).Watches[0].Target),
        ["services.*.develop.watch[].ignore"] = (Watch("action: restart"), Watch("action: restart, ignore: [x]"), y => A(y).Watches[0].Ignore.Count),
        ["services.*.develop.watch[].include"] = (Watch("action: restart"), Watch("action: restart, include: [x]"), y => A(y).Watches[0].Include.Count),
        ["services.*.develop.watch[].initial_sync"] = (Watch("action: restart"), Watch("action: restart, initial_sync: true"), y => A(y).Watches[0].InitialSync),
        ["services.*.develop.watch[].exec"] = (Exec("command: a"), Exec("command: b"), Executed),
        ["services.*.env_file"] = (One(""), One("env_file: sub/tag.env"), Text),
        ["services.*.env_file[].path"] = (One(""), One("env_file: [{path: sub/tag.env}]"), Text),
        ["services.*.env_file[].format"] = (One("env_file: [{path: sub/quoted.env}]"), One("env_file: [{path: sub/quoted.env, format: raw}]"), Text),
        ["services.*.env_file[].required"] = (One("env_file: [{path: gone.env}]"), One("env_file: [{path: gone.env, required: false}]"), Problem(Services)),
        ["services.*.label_file"] = (One(""), One("label_file: sub/tag.env"), Text),
        ["services.*.extends"] = (One(""), "{services: {a: {image: x, extends: b}, b: {image: y, tty: true}}}", Text),
        ["services.*.extends.service"] = (One(""), "{services: {a: {extends: {service: b}}, b: {image: y, tty: true}}}", Text),
        ["services.*.extends.file"] = (One(""), "{services: {a: {image: x, extends: {file: sub/other.yaml, service: other}}}}", Text),
        ["services.*.profiles"] = (One(""), One("profiles: [p]"), Services),
        // What describes and changes nothing, as docs/compose.md says: it is kept, and shown by 'config'.
        ["services.*.deploy.labels"] = (Deploy(""), Deploy("labels: {a: b}"), Text),
        ["services.*.deploy.placement.preferences"] = (Deploy(""), Deploy("placement: {preferences: []}"), Text),
        ["services.*.deploy.placement.preferences[].spread"] = (Deploy(""), Deploy("placement: {preferences: [{spread: node.labels.zone}]}"), Text),
        ["services.*.ports[].name"] = (One("ports: [{target: 80}]"), One("ports: [{target: 80, name: web}]"), Text),
        ["services.*.ports[].app_protocol"] = (One("ports: [{target: 80}]"), One("ports: [{target: 80, app_protocol: http}]"), Text),
        ["services.*.volumes[].consistency"] = (One("volumes: [{type: bind, source: /a, target: /b}]"), One("volumes: [{type: bind, source: /a, target: /b, consistency: cached}]"), Text),
    };

    // The same keys at several places.
    private static readonly (string Key, string Value)[] s_rules = [("parallelism", "5"), ("delay", "5s"), ("failure_action", "continue"), ("monitor", "5s"), ("max_failure_ratio", "0.5"), ("order", "start-first")];
    private static readonly (string Key, string Value)[] s_hooks = [("command", "other"), ("environment", "[A=b]"), ("privileged", "true"), ("user", "u"), ("working_dir", "/w")];

    static EveryPathTests()
    {
        foreach (string config in new[] { "update_config", "rollback_config" })
            foreach (var (key, value) in s_rules) s_views[$"services.*.deploy.{config}.{key}"] = (Deploy($"{config}: {{}}"), Deploy($"{config}: {{{key}: {value}}}"), Rules(config));
        foreach (var (key, value) in s_hooks)
        {
            string hook = key == "command" ? $"command: {value}" : $"command: x, {key}: {value}";
            foreach (string hooks in new[] { "post_start", "pre_stop" }) s_views[$"services.*.{hooks}[].{key}"] = (One($"{hooks}: [{{command: x}}]"), One($"{hooks}: [{{{hook}}}]"), y => Request(A(y).Tree.Maps(hooks).First()));
            s_views["services.*.develop.watch[].exec." + key] = (Exec("command: x"), Exec(hook), Executed);
        }
    }

    public static TheoryData<string> Views => [.. s_views.Keys];

    [Fact]
    public void Every_place_of_the_specification_is_in_the_schema_and_nothing_else_is_but_what_is_ours()
    {
        var known = Walk(ComposeSchema.File, "").ToList();
        var refused = known.Where(p => p.IsRefused).Select(p => p.Path).ToList();
        var specified = Golden.Read("paths.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        specified.Where(p => !refused.Any(r => p.StartsWith(r + ".", StringComparison.Ordinal) || p.StartsWith(r + "[", StringComparison.Ordinal))).Except(known.Select(p => p.Path), StringComparer.Ordinal).ShouldBeEmpty();
        known.Select(p => p.Path).Except(specified, StringComparer.Ordinal).Where(p => !s_ours.Any(o => p.StartsWith(o, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_place_that_is_not_refused_is_changed_by_a_test_that_sees_what_becomes_of_it()
    {
        var changed = EveryKeyTests.Changes().SelectMany(c => Differences(c.Without, c.With)).ToHashSet(StringComparer.Ordinal);
        var known = Walk(ComposeSchema.File, "").Where(p => !p.IsRefused).Select(p => p.Path).Where(p => !s_ours.Any(o => p.StartsWith(o, StringComparison.Ordinal)));
        known.Except(changed.Concat(s_views.Keys), StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Views))]
    public void A_place_that_no_request_for_a_container_shows_has_an_effect(string place)
    {
        var (without, with, shown) = s_views[place];
        shown(with).ShouldNotBe(shown(without));
    }

    /// <summary>The places of a shape and all below it.</summary>
    private static IEnumerable<(string Path, bool IsRefused)> Walk(Shape shape, string path) => shape switch
    {
        RecordShape record => record.Keys.SelectMany(k => Below(k, path.Length == 0 ? k.Name : $"{path}.{k.Name}")),
        MapShape map => Walk(map.Value, path + ".*"),
        ListShape list => Walk(list.Item, path + "[]"),
        VolumeShape => Walk(VolumeShape.Long, path),
        _ => [],
    };

    private static IEnumerable<(string, bool)> Below(Key key, string path) => key.Refusal is not null ? [(path, true)] : Walk(key.Shape, path).Prepend((path, false));

    // The places whose value is another one, in the canonical form of both.
    private static IEnumerable<string> Differences(Project without, Project with)
    {
        var before = Places(ComposeSchema.File, without.Tree, "", "").ToHashSet();
        return Places(ComposeSchema.File, with.Tree, "", "").Where(p => !before.Contains(p)).Select(p => p.Place);
    }

    // Where a value stands (PLACE), which one of several (EXACT), and what it is.
    private static IEnumerable<(string Place, string Exact, string Text)> Places(Shape shape, Node node, string place, string exact)
    {
        IEnumerable<(string, string, string)> below = (shape, node) switch
        {
            (RecordShape record, Mapping mapping) => mapping.Members.SelectMany(m => record.Keys.FirstOrDefault(k => k.Name == m.Key) is { } key
                ? Places(key.Shape, m.Value, place.Length == 0 ? m.Key : $"{place}.{m.Key}", $"{exact}.{m.Key}") : []),
            (MapShape map, Mapping mapping) => mapping.Members.SelectMany(m => Places(map.Value, m.Value, place + ".*", $"{exact}.{m.Key}")),
            (ListShape list, Sequence items) => items.Items.SelectMany((item, i) => Places(list.Item, item, place + "[]", $"{exact}.{i}")),
            (VolumeShape, Mapping) => Places(VolumeShape.Long, node, place, exact),
            _ => [],
        };
        return below.Append((place, exact, JsonText.Write(node, indented: false)));
    }

    private static string One(string keys) => $"{{services: {{a: {{image: x, {keys}}}}}}}";

    private static string Deploy(string keys) => One($"deploy: {{{keys}}}");

    private static string Watch(string keys) => One($"develop: {{watch: [{{path: ., {keys}}}]}}");

    private static string Exec(string keys) => Watch($"action: sync+exec, target: /t, exec: {{{keys}}}");

    private static string Config(string keys) => $"{{services: {{a: {{image: x, configs: [c]}}}}, configs: {{c: {{{keys}}}}}}}";

    private static string Secret(string keys) => $"{{services: {{a: {{image: x, secrets: [c]}}}}, secrets: {{c: {{{keys}}}}}}}";

    private static Service A(string yaml) => Load(yaml).Services["a"];

    private static object Services(string yaml) => string.Join(',', Load(yaml).Services.Keys);

    private static object Text(string yaml) => JsonText.Write(Load(yaml).Tree);

    private static object Files(string yaml)
    {
        var project = Load(yaml);
        return string.Join(',', InjectedFiles.Bound(project, project.Services["a"])) + string.Join(',', InjectedFiles.Copied(project, project.Services["a"]));
    }

    private static Func<string, object?> Rules(string key) => yaml => UpdateRules.Of(A(yaml).Tree.Map("deploy")?.Map(key));

    private static string Request(Mapping hook) => JsonSerializer.Serialize(ResourceRequests.Exec(hook), DockerApiJson.Wire.ExecCreateRequest);

    private static object Executed(string yaml) => Request(A(yaml).Watches[0].Tree.Map("exec")!);

    // What is said of it when it can't be.
    private static Func<string, object?> Problem(Func<string, object?> shown) => yaml =>
    {
        try
        {
            return shown(yaml);
        }
        catch (ComposeException e)
        {
            return e.Message;
        }
    };

    private static Project Load(string yaml) => new Sampan.Compose.Tests.Files
    {
        ["/app/compose.yaml"] = yaml,
        ["/app/sub/other.yaml"] = "services: {other: {image: \"x:${TAG:-none}\", build: ./here}}",
        ["/app/sub/more.yaml"] = "services: {more: {image: x}}",
        ["/app/sub/tag.env"] = "TAG=tagged\n",
        ["/app/sub/quoted.env"] = "TAG=\"tagged\"\n",
    }.Load(["/app/compose.yaml"], ("ONE", "1"), ("TWO", "2"));
}
