using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The same words to <c>docker</c> and to <c>sampan</c>, and the same answer.</summary>
public sealed partial class ParityTests(SharedEngine engine) : EngineTest(engine)
{
    public static TheoryData<string> Commands =>
    [
        "ps", "ps -a", "ps -aq", "ps --no-trunc", "ps -a -s", "ps -n 1", "ps -l",
        "ps -a --format {{.ID}}:{{.Names}}:{{.Image}}:{{.State}}", "ps -a --format json", "ps -a --format table{{.Names}}",
        "ps --filter status=exited", "ps --filter ancestor=busybox", "ps --filter nonsense=1",
        "images", "images -q", "images --no-trunc", "images --digests", "images --format {{.Repository}}:{{.Tag}}", "images --filter dangling=true", "images busy*",
        "image ls", "image inspect busybox", "history busybox", "history --no-trunc busybox", "history -q busybox",
        "inspect parity", "container inspect parity", "inspect -f {{.State.Status}} parity", "inspect -f {{json|.Config.Env}} parity", "inspect no-such", "inspect -s parity",
        "inspect -f {{.No.Such}} parity", "inspect -f {{nonsense parity",
        "network ls", "network ls -q", "network ls --no-trunc", "network inspect bridge", "network inspect none host",
        "volume ls", "volume ls -q", "volume inspect parity", "volume inspect no-such",
        "port parity", "port parity 80", "port parity 81", "logs parity", "logs --tail 1 parity", "logs no-such",
        "exec parity echo hello", "exec parity false", "exec parity no-such", "exec parity", "exec",
        "start no-such", "stop no-such", "rm no-such", "rm parity", "rmi no-such", "rmi busybox", "kill -s NOSUCH parity", "rename parity parity",
        "run --rm busybox echo hello", "run --rm busybox false", "run --rm busybox no-such", "run --no-such busybox", "run --name parity busybox", "run", "create",
        "tag busybox Bad", "tag no-such x", "no-such", "container no-such", "top parity", "top no-such", "wait no-such", "version --format {{.Server.APIVersion}}",
        "system df", "system df -v", "system df --format json", "system df -v --format json", "images --format json", "network ls --format json", "volume ls --format json", "history --format json busybox",
        "ps -a --filter name=parity", "ps -a --filter exited=0", "ps -a --filter before=made", "ps -a --filter since=parity", "ps -a --filter volume=parity", "ps -a --filter network=bridge", "ps -a --filter publish=80",
        "ps -a --filter expose=80/tcp", "ps -a --filter health=none", "ps -a --filter label=a", "ps -a --filter status=nonsense", "ps -a --format {{.Ports}}/{{.Mounts}}/{{.Networks}}/{{.LocalVolumes}}",
        "volume ls --filter dangling=true", "volume ls --filter driver=local", "network ls --filter driver=bridge", "network ls --filter type=custom", "images --filter before=busybox", "images --filter label=x",
        "tag busybox |", "stop --time 1 no-such", "attach made", "pause made", "unpause parity", "update parity", "rename parity |", "network rm bridge", "network rm no-such", "network connect bridge no-such",
        "volume rm no-such", "volume rm -f no-such", "logs --since nonsense parity", "inspect -f {{printf|\"%d\"|.Created}} parity", "inspect -f {{.HostConfig.Memory}} parity", "exec -e",
        "inspect -f json parity made", "inspect -f {{.NetworkSettings.Ports}} parity", "inspect -f {{js|\"a='b'<c\"}} parity", "ps -aq --format {{.Names}}", "ps -a --format {{json|.}}", "events --since 0 --until 1", "logs --until 0 parity",
        "run --mount nonsense busybox", "run --dns x busybox", "run --ulimit x busybox", "run --add-host x busybox", "run -e =x busybox", "run --network a=b busybox", "run --device-read-bps x busybox", "tag busybox a:b|c",
        "inspect -f {{.State.Health}}/{{.HostConfig.Init}}/{{.HostConfig.Tmpfs}}/{{.Config.StopSignal}}/{{.HostConfig.Mounts}} parity", "inspect -f {{if|.State.Health}}healthy{{else}}none{{end}} parity",
        "volume inspect -f {{.Labels}}/{{.Options}}/{{.Status}} parity", "image inspect -f {{.Config.Labels}}/{{.Config.ExposedPorts}}/{{.Config.Healthcheck}} busybox", "network inspect -f {{range|.IPAM.Config}}{{.IPRange}}/{{end}} bridge",
        "tag busybox a:b:c", "tag busybox a:", "run --dns 1.1.1 busybox", "run --add-host a=1.2.3 busybox", "run --dns-search a|b busybox", "run --gpus a=b busybox",
        "run --gpus all,capabilities=utility busybox", "run --network name=bridge,ip=10.0.0.1 --ip 10.0.0.2 busybox", "run --cpu-shares 0x busybox", "run --cpu-shares 99999999999999999999 busybox",
        "system df -v --format {{range|.Images}}{{.Repository}}:{{.Tag}}|{{end}}", "run --platform linux/s390x --pull never busybox",
    ];

    [Theory, MemberData(nameof(Commands))]
    public async Task Sampan_answers_as_docker_does(string line)
    {
        await PrepareAsync();
        var arguments = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Replace('|', ' ')).ToArray();

        var docker = await AnswerAsync(Clients.Docker, arguments);
        var sampan = await AnswerAsync(Clients.Sampan, arguments);
        var again = await AnswerAsync(Clients.Docker, arguments);
        // What docker says changes by itself, as a container's age does (on a slow machine at each call, until it is a minute): sampan's answer counts when docker's before and after it are the same.
        for (var attempts = 1; docker != again; attempts++)
        {
            attempts.ShouldBeLessThan(300, $"docker never said the same twice\n{docker}\n{again}");
            docker = again;
            sampan = await AnswerAsync(Clients.Sampan, arguments);
            again = await AnswerAsync(Clients.Docker, arguments);
        }

        sampan.Stdout.ShouldBe(docker.Stdout, line);
        sampan.Stderr.ShouldBe(docker.Stderr, line);
        sampan.ExitCode.ShouldBe(docker.ExitCode, line);
    }

    private async Task<Answer> AnswerAsync(string client, string[] arguments)
    {
        // docker 28 speaks 1.50, sampan the newest version: pinned, both ask for the same shapes.
        var pinned = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_API_VERSION"] = "1.50" };
        var outcome = await Shell.RunAsync(Clients.Path(client), arguments, pinned);
        return new Answer(outcome.ExitCode, Normal(outcome.Stdout), Normal(outcome.Stderr));
    }

    private sealed record Answer(int ExitCode, string Stdout, string Stderr);

    private async Task PrepareAsync()
    {
        (await RunAsync(Clients.Sampan, "volume", "create", "parity")).Succeeded();
        (await RunAsync(Clients.Sampan, "run", "-d", "--name", "parity", "-p", "127.0.0.1::80", "-v", "parity:/data", "--label", "a=b", "busybox", "sh", "-c", "echo one; echo two >&2; sleep 3600")).Succeeded();
        (await RunAsync(Clients.Sampan, "create", "--name", "made", "busybox")).Succeeded();
        await Eventually.HoldsAsync("the log has both lines", async () => (await RunAsync(Clients.Sampan, "logs", "parity")).All.Split('\n').Length >= 3);
        // The shell forks once more: the process table that top shows is the last one.
        await Eventually.HoldsAsync("the container sleeps", async () => (await RunAsync(Clients.Sampan, "top", "parity")).Stdout.Contains("sleep 3600\n"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await RunAsync(Clients.Sampan, "volume", "rm", "-f", "parity");
    }

    /// <summary>The client's own name, random ids, generated names, trailing blanks and a field that docker has since 29 (HealthStatus) may differ; nothing else may.</summary>
    private static string Normal(string text)
        => Blanks().Replace(Names().Replace(Ids().Replace(text.Replace("docker", "sampan", StringComparison.OrdinalIgnoreCase).Replace("\"HealthStatus\":\"\",", "", StringComparison.Ordinal), "<id>"), "<name>"), "\n").Trim();

    [GeneratedRegex(@"\b[0-9a-f]{64}\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ids();

    /// <summary>A generated name in a message.</summary>
    [GeneratedRegex("'[a-z]+_[a-z]+'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"[ \t]+(?:\n|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blanks();
}
