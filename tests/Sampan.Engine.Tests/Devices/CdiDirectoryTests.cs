using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Devices;

namespace Sampan.Engine.Tests.Devices;

public sealed class CdiDirectoryTests : IDisposable
{
    private const string Gpus = """
        cdiVersion: 0.6.0   # as vendors' tools write it
        kind: nvidia.com/gpu
        devices:
          - name: "0"
            containerEdits:
              deviceNodes:
                - path: /dev/gpu0
          - name: "1"
            containerEdits:
              deviceNodes:
                - {path: /dev/gpu1, fileMode: 0660, permissions: rw}
          - name: all
            containerEdits:
              env: [ALL=1]
        containerEdits:
          env:
            - COMMON=1
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("sampan-cdi-").FullName;

    private string[] Places => [Path.Combine(_root, "static"), Path.Combine(_root, "dynamic")];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Common_part_of_a_file_comes_once_before_its_devices()
    {
        Write("static/gpu.yaml", Gpus);

        var edits = CdiDirectory.Read(Places).Resolve(["nvidia.com/gpu=1", "nvidia.com/gpu=0", "nvidia.com/gpu=1"]);

        edits.Select(e => e.Env.Concat(e.DeviceNodes.Select(n => n.Path)).Single()).ShouldBe(["COMMON=1", "/dev/gpu1", "/dev/gpu0"]);
        edits[1].DeviceNodes[0].FileMode.ShouldBe(432u, "0660 is octal");
    }

    [Fact]
    public void Later_directory_has_precedence_and_one_directory_may_not_contradict_itself()
    {
        Write("static/a.json", """{"cdiVersion":"0.5.0","kind":"v.com/c","devices":[{"name":"a","containerEdits":{"env":["A=static"]}},{"name":"b","containerEdits":{"env":["B=1"]}}]}""");
        Write("static/b.json", """{"cdiVersion":"0.5.0","kind":"v.com/c","devices":[{"name":"b","containerEdits":{"env":["B=2"]}}]}""");
        Write("dynamic/a.json", """{"cdiVersion":"0.5.0","kind":"v.com/c","devices":[{"name":"a","containerEdits":{"env":["A=dynamic"]}}]}""");
        var devices = CdiDirectory.Read(Places);

        devices.Resolve(["v.com/c=a"]).Single().Env.ShouldBe(["A=dynamic"]);
        devices.Names.Select(n => n.ToString()).ShouldBe(["v.com/c=a"]);
        Should.Throw<EngineException>(() => devices.Resolve(["v.com/c=b"])).Message.ShouldContain("described twice in one directory");
    }

    [Fact]
    public void Missing_device_is_named_with_the_places_and_with_files_that_are_wrong()
    {
        Write("static/broken.yaml", "kind: [");
        Write("static/unknown.json", """{"cdiVersion":"0.7.0","kind":"v.com/c","devices":[{"name":"a","containerEdits":{"intelRdt":{}}}]}""");
        Write("static/readme.txt", "not looked at");

        var refusal = Should.Throw<EngineException>(() => CdiDirectory.Read(Places).Resolve(["v.com/c=a", "bad"]));

        refusal.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refusal.Message.ShouldStartWith($"CDI device injection failed: unresolvable CDI devices v.com/c=a, bad: no specification in {Places[0]} or {Places[1]} has them");
        refusal.Message.ShouldContain("broken.yaml: this is no YAML");
        refusal.Message.ShouldContain("intelRdt");
    }

    [Theory]
    [InlineData(-1, "nvidia.com/gpu=all")]
    [InlineData(1, "nvidia.com/gpu=0")]
    [InlineData(2, "nvidia.com/gpu=0 nvidia.com/gpu=1")]
    public void Gpus_are_those_of_the_kinds_that_are_here(int count, string names)
    {
        Write("static/gpu.yaml", Gpus);
        var wish = new DeviceWish { Count = count, Capabilities = [["gpu"]] };

        DeviceSelection.Problem(wish).ShouldBeNull();
        string.Join(' ', DeviceSelection.Names([wish], CdiDirectory.Read(Places), Places)).ShouldBe(names);
    }

    [Fact]
    public void Gpus_that_are_not_here_are_refused_with_what_to_do()
    {
        var none = Should.Throw<EngineException>(() => DeviceSelection.Names([new DeviceWish { Count = -1, Capabilities = [["gpu"]] }], CdiDirectory.Read(Places), Places));
        none.Message.ShouldStartWith("could not select device driver \"\" with capabilities: [[gpu]]: no CDI specification of a kind such as nvidia.com/gpu");
        Write("static/gpu.yaml", Gpus);
        Should.Throw<EngineException>(() => DeviceSelection.Names([new DeviceWish { Count = 3, Capabilities = [["gpu"]] }], CdiDirectory.Read(Places), Places))
            .Message.ShouldEndWith("3 are wanted, 2 of the kind nvidia.com/gpu are here");
    }

    [Fact]
    public void Wishes_that_no_device_can_fulfil_are_refused_by_name()
    {
        DeviceSelection.Problem(new DeviceWish { Driver = "cdi", Ids = ["../x=y"] }).ShouldBe("invalid CDI device name '../x=y': expected vendor/class=name");
        DeviceSelection.Problem(new DeviceWish { Driver = "other", Capabilities = [["tpu"]] }).ShouldNotBeNull().ShouldContain("device driver \"other\" with capabilities: [[tpu]]");
        DeviceSelection.Problem(new DeviceWish { Count = 1, Ids = ["0"], Capabilities = [["gpu"]] }).ShouldBe("cannot set both Count and DeviceIDs on device request");
    }

    [Theory]
    [InlineData("a: [1")]
    [InlineData("a: *b")]
    [InlineData("a: 1\na: 2")]
    [InlineData("---\na: 1\n---\nb: 2")]
    [InlineData("? [a]\n: b")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public void Hostile_yaml_is_refused(string text) => Should.Throw<FormatException>(() => YamlJson.Read(text));

    private void Write(string name, string text)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
        File.WriteAllText(path, text);
    }
}
