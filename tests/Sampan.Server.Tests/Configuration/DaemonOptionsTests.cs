using Microsoft.Extensions.Logging;
using Sampan.Engine.Containers.Wishes;
using Sampand.Configuration;

namespace Sampan.Server.Tests.Configuration;

public sealed class DaemonOptionsTests
{
    [Fact]
    public void Nothing_given_means_the_defaults_of_the_contract()
    {
        var options = DaemonOptions.From(new Settings());

        options.Hosts.Select(h => h.ToString()).ShouldBe(["unix:///run/sampan/sampan.sock"]);
        options.DataRoot.ShouldBe("/var/lib/sampan");
        options.ExecRoot.ShouldBe("/run/sampan");
        options.Bridge.ShouldBe("sampan0");
        options.BridgeAddress.ShouldBe("172.17.0.1/16");
        options.LogLevel.ShouldBe(LogLevel.Information);
    }

    [Theory]
    [InlineData("--host", "unix:///a.sock")]
    [InlineData("--host=unix:///a.sock")]
    [InlineData("-H", "unix:///a.sock")]
    [InlineData("-Hunix:///a.sock")]
    [InlineData("-H=unix:///a.sock")]
    public void Flags_have_four_spellings(params string[] arguments) =>
        DaemonOptions.From(CommandLine.Parse(arguments).Settings).Hosts.ShouldHaveSingleItem().ToString().ShouldBe("unix:///a.sock");

    [Fact]
    public void File_has_dockerds_keys()
    {
        var options = DaemonOptions.From(Read("""
            {"hosts":["tcp://127.0.0.1:2375","unix:///b.sock"],"data-root":"/d","debug":true,"mtu":1400,"labels":["a=b"],
             "log-opts":{"max-size":"1m"},"default-ulimits":{"nofile":{"Name":"nofile","Soft":10,"Hard":20}},"dns":["10.0.0.1"]}
            """));

        options.Hosts.Select(h => h.ToString()).ShouldBe(["tcp://127.0.0.1:2375", "unix:///b.sock"]);
        options.DataRoot.ShouldBe("/d");
        options.LogLevel.ShouldBe(LogLevel.Debug);
        options.Mtu.ShouldBe(1400);
        options.Labels.ShouldBe(["a=b"]);
        options.LogOptions["max-size"].ShouldBe("1m");
        options.Ulimits.ShouldBe([new UlimitSpec("nofile", 10, 20)]);
        options.Dns.ShouldBe(["10.0.0.1"]);
    }

    [Fact]
    public void Control_groups_are_the_engines_own_unless_exec_opts_say_systemd()
    {
        DaemonOptions.From(new Settings()).SystemdCgroups.ShouldBeFalse();
        DaemonOptions.From(Read("""{"exec-opts":["native.cgroupdriver=cgroupfs"],"cgroup-parent":"/mine"}""")).ShouldSatisfyAllConditions(o => o.SystemdCgroups.ShouldBeFalse(), o => o.CgroupParent.ShouldBe("/mine"));
        DaemonOptions.From(CommandLine.Parse(["--exec-opt", "native.cgroupdriver=systemd", "--cgroup-parent", "a-b.slice"]).Settings).ShouldSatisfyAllConditions(o => o.SystemdCgroups.ShouldBeTrue(), o => o.CgroupParent.ShouldBe("a-b.slice"));
    }

    [Fact]
    public void Containers_reach_each_other_and_may_gain_privileges_unless_the_user_says_no()
    {
        DaemonOptions.From(new Settings()).ShouldSatisfyAllConditions(o => o.InterContainer.ShouldBeTrue(), o => o.NoNewPrivileges.ShouldBeFalse());
        DaemonOptions.From(Read("""{"icc":false,"no-new-privileges":true}""")).ShouldSatisfyAllConditions(o => o.InterContainer.ShouldBeFalse(), o => o.NoNewPrivileges.ShouldBeTrue());
        DaemonOptions.From(CommandLine.Parse(["--icc=false", "--no-new-privileges"]).Settings).ShouldSatisfyAllConditions(o => o.InterContainer.ShouldBeFalse(), o => o.NoNewPrivileges.ShouldBeTrue());
    }

    [Fact]
    public void Containers_of_a_network_talk_past_its_bridge_unless_the_user_says_no()
    {
        DaemonOptions.From(new Settings()).NetworkShortcut.ShouldBeTrue();
        DaemonOptions.From(Read("""{"network-shortcut":false}""")).NetworkShortcut.ShouldBeFalse();
        DaemonOptions.From(CommandLine.Parse(["--network-shortcut=false"]).Settings).NetworkShortcut.ShouldBeFalse();
        DaemonOptions.From(CommandLine.Parse(["--network-shortcut"]).Settings).NetworkShortcut.ShouldBeTrue();
    }

    [Theory]
    [InlineData("native.cgroupdriver=openrc", "native.cgroupdriver option openrc is not supported")]
    [InlineData("isolation=hyperv", "'isolation=hyperv': the only one is native.cgroupdriver")]
    public void Other_exec_opts_are_refused_by_name(string option, string part) =>
        Should.Throw<ConfigurationException>(() => DaemonOptions.From(CommandLine.Parse(["--exec-opt", option]).Settings)).Message.ShouldContain(part);

    [Theory]
    [InlineData("""{"nope":1,"neither":2}""", "nope, neither")]
    [InlineData("""{"userland-proxy":true}""", "userland-proxy")]
    [InlineData("""{"icc":"maybe"}""", "icc")]
    [InlineData("""{"no-new-privileges":"maybe"}""", "no-new-privileges")]
    [InlineData("""{"debug":"yes"}""", "'debug': expected true or false")]
    [InlineData("""{"hosts":"unix:///x"}""", "'hosts': expected a list of texts")]
    [InlineData("""{"log-opts":["x"]}""", "'log-opts'")]
    [InlineData("""{"default-ulimits":{"nofile":5}}""", "'default-ulimits'")]
    [InlineData("[]", "one JSON object")]
    [InlineData("{", "is not JSON")]
    public void Wrong_file_is_refused_by_key(string json, string part) =>
        Should.Throw<ConfigurationException>(() => Read(json)).Message.ShouldContain(part);

    [Fact]
    public void Setting_in_flag_and_file_is_refused_as_dockerd_does()
    {
        var flags = CommandLine.Parse(["--bridge", "x0", "--log-level", "warn"]).Settings;

        Should.Throw<ConfigurationException>(() => flags.Join(Read("""{"bridge":"y0"}"""))).Message
            .ShouldContain("both as a flag and in the configuration file: bridge: (from flag: x0, from file: y0)");
    }

    [Theory]
    [InlineData("--nope")]
    [InlineData("-z")]
    [InlineData("stray")]
    [InlineData("--bridge")]
    [InlineData("--userland-proxy")]
    public void Wrong_command_line_is_refused(string argument) =>
        Should.Throw<ConfigurationException>(() => CommandLine.Parse([argument])).Message.ShouldContain(argument);

    [Theory]
    [InlineData("--bridge", "a-name-that-is-too-long")]
    [InlineData("--bridge", "a/b")]
    [InlineData("--bip", "172.17.0.1")]
    [InlineData("--bip", "172.17.0.1/33")]
    [InlineData("--bip", "300.1.1.1/16")]
    [InlineData("--host", "http://x")]
    [InlineData("--host", "unix://relative")]
    [InlineData("--host", "tcp://example.org:1")]
    [InlineData("--log-level", "loud")]
    [InlineData("--mtu", "5")]
    [InlineData("--ip", "here")]
    [InlineData("--log-opt", "max-size")]
    [InlineData("--default-ulimit", "nofile=x")]
    [InlineData("--shutdown-timeout", "-1")]
    [InlineData("--log-driver", "splunk")]
    [InlineData("--live-restore=false")]
    public void Wrong_value_is_refused_with_key_and_value(params string[] arguments)
    {
        var settings = CommandLine.Parse(arguments).Settings;

        var message = Should.Throw<ConfigurationException>(() => DaemonOptions.From(settings)).Message;

        message.ShouldContain(arguments[^1].Split('=')[^1] is { Length: > 0 } value && arguments.Length == 1 ? value : arguments[^1]);
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var settings = CommandLine.Parse(["--bridge", "a/b", "--bip", "x", "--log-level", "loud"]).Settings;

        var message = Should.Throw<ConfigurationException>(() => DaemonOptions.From(settings)).Message;

        message.ShouldContain("bridge");
        message.ShouldContain("bip");
        message.ShouldContain("log-level");
    }

    [Fact]
    public void Help_names_every_flag()
    {
        var help = OptionTable.Help();

        foreach (var option in OptionTable.All)
            help.ShouldContain("--" + option.Flag);
    }

    private static Settings Read(string json)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json);
            return ConfigurationFile.Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
