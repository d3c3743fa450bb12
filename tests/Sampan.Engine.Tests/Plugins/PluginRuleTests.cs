using System.Text.Json;
using Sampan.Engine.Plugins;
using Sampan.Oci.Plugins;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Tests.Plugins;

/// <summary>What plugins ask for, what their configurations may say, and what of them can be set.</summary>
public sealed class PluginRuleTests
{
    private const string Good = """
        {"entrypoint":["/p"],"interface":{"types":["docker.volumedriver/1.0"],"socket":"p.sock"},"network":{"type":"host"},"ipchost":true,"pidhost":true,
         "mounts":[{"name":"m","source":"/m","destination":"/m","type":"bind","settable":["source"]},{"name":"open","destination":"/o","type":"bind","settable":["source"]}],
         "env":[{"name":"A","value":"1","settable":["value"]},{"name":"B","value":"2"},{"name":"C","settable":["value"]}],
         "args":{"name":"args","settable":["value"],"value":["x"]},
         "linux":{"capabilities":["CAP_SYS_ADMIN"],"allowAllDevices":true,"devices":[{"name":"d","path":"/dev/fuse","settable":["path"]}]}}
        """;

    [Fact]
    public void Everything_that_reaches_the_machine_is_a_privilege_in_dockers_words()
    {
        PluginPrivileges.Of(Config(Good)).Select(p => $"{p.Name}: {string.Join(' ', p.Value)}").ShouldBe(
            ["network: host", "host ipc namespace: true", "host pid namespace: true", "mount: /m", "device: /dev/fuse", "allow-all-devices: true", "capabilities: CAP_SYS_ADMIN"]);
        PluginPrivileges.Of(Config("""{"network":{"type":"bridge"}}""")).ShouldBeEmpty();
    }

    [Fact]
    public void Consent_is_for_exactly_what_is_asked_for()
    {
        var asked = PluginPrivileges.Of(Config(Good));
        PluginPrivileges.AreEqual(asked, [.. asked.Reverse()]).ShouldBeTrue();
        PluginPrivileges.AreEqual(asked, [.. asked.Skip(1)]).ShouldBeFalse();
        PluginPrivileges.AreEqual(asked, [.. asked, asked[0]]).ShouldBeFalse();
        PluginPrivileges.AreEqual(asked, [asked[0] with { Value = ["bridge"] }, .. asked.Skip(1)]).ShouldBeFalse();
        // dockerd compares all but the first.
        PluginPrivileges.AreEqual([Of("mount", "/")], [Of("mount", "/tmp")]).ShouldBeFalse();
        PluginPrivileges.AreEqual([Of("mount", "/a", "/b")], [Of("mount", "/a1:/b")]).ShouldBeFalse();
        PluginPrivileges.AreEqual([], []).ShouldBeTrue();

        static PluginPrivilege Of(string name, params string[] value) => new() { Name = name, Value = value };
    }

    [Theory]
    [InlineData("\"entrypoint\":[\"/p\"]", "\"entrypoint\":[]", "'entrypoint' names no program")]
    [InlineData("p.sock", "../p.sock", "'interface.socket' is '../p.sock'")]
    [InlineData("p.sock", "..", "'interface.socket' is '..'")]
    [InlineData("p.sock", "", "'interface.socket' is ''")]
    [InlineData("[\"docker.volumedriver/1.0\"]", "[]", "'interface.types' says nothing")]
    [InlineData("\"type\":\"host\"", "\"type\":\"container:x\"", "'network.type' is 'container:x'")]
    [InlineData("\"source\":\"/m\"", "\"source\":\"/m/../../etc\"", "mount 'm' has the source '/m/../../etc'")]
    [InlineData("\"source\":\"/m\"", "\"source\":\"m\"", "mount 'm' has the source 'm'")]
    [InlineData("\"destination\":\"/m\"", "\"destination\":\"/\"", "mount 'm' has the destination '/'")]
    [InlineData("\"destination\":\"/m\"", "\"destination\":\"/a/../..\"", "mount 'm' has the destination")]
    [InlineData("\"source\":\"/m\"", "\"source\":\"/m\",\"options\":[\"x-sampan.mount-namespace=/proc/1/ns/mnt\"]", "mount 'm' has the option 'x-sampan")]
    [InlineData("\"destination\":\"/m\",\"type\":\"bind\"", "\"destination\":\"/m\",\"type\":\"overlay\",\"options\":[\"lowerdir=/:/etc\"]", "mount 'm' has the type 'overlay': expected bind or tmpfs")]
    [InlineData("\"destination\":\"/m\",\"type\":\"bind\"", "\"destination\":\"/m\",\"type\":\"proc\"", "mount 'm' has the type 'proc'")]
    [InlineData("\"destination\":\"/m\",\"type\":\"bind\"", "\"destination\":\"/m\",\"type\":\"tmpfs\",\"options\":[\"rbind\"]", "mount 'm' has the option 'rbind'")]
    [InlineData("\"destination\":\"/m\"", "\"destination\":\"/sys/\",\"options\":[\"remount\",\"bind\",\"rw\"]", "mount 'm' has the option 'remount'")]
    [InlineData("\"source\":\"/m\"", "\"source\":\"/m\\u001b[1A\"", "mount 'm' has the source '/m")]
    [InlineData("/dev/fuse", "/etc/passwd", "device 'd' has the path '/etc/passwd'")]
    [InlineData("/dev/fuse", "/dev/../etc/passwd", "device 'd' has the path")]
    [InlineData("CAP_SYS_ADMIN", "CAP_OF_WISHES", "'CAP_OF_WISHES', which is none")]
    [InlineData("\"ipchost\":true", "\"propagatedMount\":\"/\"", "'propagatedMount' is '/'")]
    [InlineData("\"ipchost\":true", "\"propagatedMount\":\"/v/../../x\"", "'propagatedMount' is '/v/../../x'")]
    [InlineData("\"ipchost\":true", "\"workdir\":\"x\"", "'workdir' is 'x'")]
    [InlineData("\"name\":\"B\"", "\"name\":\"B=C\"", "a variable 'B=C'")]
    [InlineData("\"name\":\"B\"", "\"name\":\"A\"", "two settings have the name 'A'")]
    [InlineData("[\"CAP_SYS_ADMIN\"]", "[null]", "has null for an entry")]
    public void A_configuration_that_reaches_further_is_refused(string there, string instead, string why)
    {
        Good.ShouldContain(there);
        var refused = Should.Throw<EngineException>(() => PluginCheck.Verify(Config(Good.Replace(there, instead, StringComparison.Ordinal)), HostCapabilities.Known));
        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldContain(why);
    }

    [Fact]
    public void A_good_configuration_is_written_as_docker_writes_it()
    {
        PluginCheck.Verify(Config(Good), HostCapabilities.Known);
        var written = JsonSerializer.Serialize(Config("""{"interface":{"types":["docker.volumedriver/1.0"],"socket":"p"}}"""), PluginJson.Plain.PluginConfig);
        written.ShouldBe("""{"Args":{"Description":"","Name":"","Settable":null,"Value":null},"Description":"","Documentation":"","Entrypoint":null,"Env":null,"Interface":{"Socket":"p","Types":["docker.volumedriver/1.0"]},"IpcHost":false,"Linux":{"AllowAllDevices":false,"Capabilities":null,"Devices":null},"Mounts":null,"Network":{"Type":""},"PidHost":false,"PropagatedMount":"","User":{},"WorkDir":""}""");
    }

    [Theory]
    [InlineData("docker.volumedriver/1.0", "docker", "volumedriver", "1.0")]
    [InlineData("a.b.c/d/e", "a.b", "c", "d/e")]
    [InlineData("plain", "", "plain", "")]
    public void A_capability_is_read_as_docker_reads_it(string text, string prefix, string name, string version) =>
        PluginCapability.Parse(text).ShouldBe(new PluginCapability(prefix, name, version));

    [Fact]
    public void Settings_are_set_by_dockers_rules()
    {
        var now = PluginSetting.Apply(Config(Good), Defaults, ["A=9", "C.value=3=4", "m.source=/srv", "open=/x", "d=/dev/null", "args=-v -x", "A.value="]);
        now.Env.ShouldBe(["A=", "B=2", "C=3=4"]);
        now.Mounts.Select(mount => mount.Source).ShouldBe(["/srv", "/x"]);
        now.Devices.Select(device => device.Path).ShouldBe(["/dev/null"]);
        now.Args.ShouldBe(["-v", "-x"]);
        now.Mounts[0].Destination.ShouldBe("/m");
    }

    [Theory]
    [InlineData("B=1", "\"B\" is not settable")]
    [InlineData("A.name=1", "\"A.name\" is not settable")]
    [InlineData("m.destination=/x", "\"m.destination\" is not settable")]
    [InlineData("NONE=1", "setting \"NONE\" not found in the plugin configuration")]
    [InlineData("=1", "invalid format, must be <name>[.<field>][=<value>]")]
    [InlineData("m.source=../x", "invalid source '../x' of mount 'm'")]
    [InlineData("d.path=/etc/shadow", "invalid path '/etc/shadow' of device 'd'")]
    public void What_may_not_be_set_is_not_and_nothing_of_its_request_is(string setting, string why)
    {
        Should.Throw<EngineException>(() => PluginSetting.Apply(Config(Good), Defaults, ["A=9", setting])).Message.ShouldStartWith(why);
    }

    private static PluginSettings Defaults => new() { Env = ["A=1", "B=2"], Args = ["x"], Mounts = Config(Good).Mounts!, Devices = Config(Good).Linux.Devices! };

    private static PluginConfig Config(string json) => JsonSerializer.Deserialize(json, PluginJson.Default.PluginConfig)!;
}
