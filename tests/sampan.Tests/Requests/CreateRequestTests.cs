using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Containers;
using Sampan.Cli.Output;
using Sampan.Cli.Requests;
using Sampan.DockerApi;

namespace Sampan.Cli.Tests.Requests;

public sealed class CreateRequestTests
{
    private static string Request(params string[] words)
    {
        var parsed = OptionParser.Parse(new CommandPath("sampan run", RunCommand.Command), words);
        var json = JsonSerializer.Serialize(CreateRequestBuilder.Build(parsed, name => name == "HOME" ? "/root" : null, detached: false), DockerApiJson.Wire.ContainerCreateRequest);
        var text = new StringBuilder();
        JsonIndent.Append(text, json, 0);
        return text.ToString();
    }

    [Fact]
    public void A_plain_run_asks_for_little() => Golden.Check("create-plain.json", Request("busybox"));

    [Fact]
    public void Every_option_finds_its_field() => Golden.Check("create-full.json", Request(
        "-it", "--rm", "--name", "x", "-e", "A=1", "-e", "HOME", "-e", "ABSENT", "-w", "/w", "-u", "1:2", "--entrypoint", "sh", "-v", "/a:/b:ro", "-v", "vol:/c", "-v", "/anonymous", "--tmpfs", "/t:size=1m",
        "-p", "127.0.0.1:8080:80", "-p", "53:53/udp", "--expose", "9000", "--network", "name=net,ip=10.0.0.5", "--network-alias", "al", "--network-alias", "other", "--hostname", "boat", "--domainname", "test", "--memory", "64m",
        "--memory-swap", "128m", "--memory-reservation", "32m", "--memory-swappiness", "10", "--cpus", "1.5", "--cpu-shares", "512", "--cpuset-cpus", "0-1", "--pids-limit", "100", "--cap-add", "NET_ADMIN",
        "--cap-drop", "ALL", "--privileged", "--read-only", "--init", "--ulimit", "nofile=100:200", "--ulimit", "core=0", "--label", "a=b", "--label", "c", "--restart", "no", "--stop-signal", "INT",
        "--stop-timeout", "5", "--security-opt", "no-new-privileges", "--security-opt", "systempaths=unconfined", "--device", "/dev/null:/dev/nothing:r", "--dns", "10.0.0.1", "--dns-search", "example.test",
        "--add-host", "db:10.0.0.9", "--add-host", "gw=host-gateway", "--log-driver", "json-file", "--log-opt", "max-size=1m", "--shm-size", "1m", "--sysctl", "net.core.somaxconn=10", "--pid", "host",
        "--ipc", "private", "--uts", "host", "--cgroupns", "host", "--health-cmd", "true", "--health-interval", "3s", "--health-retries", "2", "--mount", "type=tmpfs,target=/m", "--group-add", "audio",
        "--oom-score-adj", "100", "--device-read-bps", "/dev/sda:1m", "--blkio-weight", "100", "--annotation", "k=v", "--gpus", "all",
        "debian:12", "sh", "-c", "echo $A", "--name", "not-an-option"));

    [Theory]
    [InlineData("--restart always --rm busybox", "conflicting options: cannot specify both --restart and --rm")]
    [InlineData("--restart on-failure:x busybox", "invalid restart policy format: maximum retry count must be an integer")]
    [InlineData("--security-opt nonsense busybox", "invalid --security-opt: \"nonsense\"")]
    [InlineData("--no-healthcheck --health-cmd x busybox", "--no-healthcheck conflicts with --health-* options")]
    [InlineData("--memory-swappiness 101 busybox", "invalid value: 101. Valid memory swappiness range is 0-100")]
    [InlineData("--log-opt x busybox", "invalid logging opt: 'x': expected name=value")]
    public void What_cannot_be_is_refused(string line, string message) => Should.Throw<FormatException>(() => Request(line.Split(' '))).Message.ShouldBe(message);
}
