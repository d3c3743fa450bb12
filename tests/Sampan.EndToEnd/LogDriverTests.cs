using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Logging drivers with real receivers: sockets of the test on the loopback.</summary>
public sealed class LogDriverTests(SharedEngine engine) : EngineTest(engine)
{
    private const string TenLines = "for i in 0 1 2 3 4 5 6 7 8 9; do echo line $i; done";

    [Theory, MemberData(nameof(Both))]
    public async Task Logs_go_over_rotated_and_compressed_files(string client)
    {
        var name = NewName("rotated");
        (await RunAsync(client, "run", "-d", "--name", name, "--log-opt", "max-size=20k", "--log-opt", "max-file=4", "--log-opt", "compress=true", "busybox", "sh", "-c",
            "i=0; while [ $i -lt 600 ]; do echo number $i; i=$((i+1)); done; while [ ! -e /go ]; do sleep 0.05; done; echo last")).Succeeded();
        var path = await InspectAsync(client, name, "{{.LogPath}}");
        await Eventually.HoldsAsync("rotated files are compressed", () => File.Exists(path + ".1.gz") && File.Exists(path + ".2.gz") && !File.Exists(path + ".1") && !File.Exists(path + ".2"));

        var logs = (await RunAsync(client, "logs", name)).Lines;
        logs[^1].ShouldBe("number 599");
        var first = int.Parse(logs[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        logs.ShouldBe(Enumerable.Range(first, 600 - first).Select(i => $"number {i}"));
        (await RunAsync(client, "logs", "--tail", "300", name)).Lines.Length.ShouldBe(300);
        File.Exists(path + ".4").ShouldBeFalse();

        using var follow = Shell.Start(Clients.Path(client), ["logs", "-f", "--tail", "1", name], Daemon.ClientEnvironment);
        (await follow.StandardOutput.ReadLineAsync()).ShouldBe("number 599");
        (await RunAsync(client, "exec", name, "touch", "/go")).Succeeded();
        (await follow.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience)).ShouldBe("last");
        await follow.WaitForExitAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_driver_local_can_be_read_and_none_cannot(string client)
    {
        var name = NewName("local");
        (await RunAsync(client, "run", "--name", name, "--log-driver", "local", "--log-opt", "max-size=1m", "busybox", "echo", "kept")).Succeeded();
        (await RunAsync(client, "logs", name)).Text.ShouldBe("kept");
        (await InspectAsync(client, name, "{{.HostConfig.LogConfig.Type}} {{.LogPath}}")).ShouldBe("local");

        var silent = NewName("silent");
        (await RunAsync(client, "run", "--name", silent, "--log-driver", "none", "busybox", "echo", "gone")).Succeeded().ShouldBe("gone");
        (await RunAsync(client, "logs", silent)).Failed().Saying("configured logging driver does not support reading");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_driver_does_not_know_is_refused(string client)
    {
        (await RunAsync(client, "create", "--log-driver", "splunk", "busybox")).Failed().Saying("no log driver named 'splunk' is registered");
        (await RunAsync(client, "create", "--log-opt", "max-szie=1m", "busybox")).Failed().Saying("unknown log opt 'max-szie' for json-file log driver");
        (await RunAsync(client, "create", "--log-driver", "gelf", "busybox")).Failed().Saying("gelf-address is a required parameter");
        if (!File.Exists("/run/systemd/journal/socket"))
        {
            (await RunAsync(client, "create", "--log-driver", "journald", "busybox")).Failed().Saying("journald is not enabled on this host");
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Json_entries_have_the_labels_and_the_tag_asked_for(string client)
    {
        var name = NewName("attributed");
        (await RunAsync(client, "run", "--name", name, "--label", "team=blue", "-e", "STAGE=test", "--log-opt", "labels=team", "--log-opt", "env=STAGE", "--log-opt", "tag={{.Name}}", "busybox", "echo", "marked")).Succeeded();

        using var line = JsonDocument.Parse((await File.ReadAllLinesAsync(await InspectAsync(client, name, "{{.LogPath}}")))[0]);
        var attributes = line.RootElement.GetProperty("attrs");
        attributes.GetProperty("team").GetString().ShouldBe("blue");
        attributes.GetProperty("STAGE").GetString().ShouldBe("test");
        attributes.GetProperty("tag").GetString().ShouldBe(name);
        (await RunAsync(client, "logs", name)).Text.ShouldBe("marked");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Syslog_gets_datagrams_and_logs_reads_the_cache(string client)
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var name = NewName("syslog");
        (await RunAsync(client, "run", "--name", name, "--log-driver", "syslog", "--log-opt", $"syslog-address=udp://127.0.0.1:{Port(receiver.Client)}",
            "--log-opt", "syslog-format=rfc5424", "--log-opt", "syslog-facility=local3", "--log-opt", "tag={{.Name}}", "busybox", "sh", "-c", "echo out; sleep 0.1; echo err >&2")).Succeeded();

        (await DatagramAsync(receiver)).ShouldMatch($@"^<158>1 \S+ \S+ {name} \d+ {name} - out\n$");
        (await DatagramAsync(receiver)).ShouldMatch($@"^<155>1 \S+ \S+ {name} \d+ {name} - err\n$");
        (await RunAsync(client, "logs", name)).All.ShouldBe("out\nerr\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Gelf_gets_compressed_messages(string client)
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var name = NewName("gelf");
        (await RunAsync(client, "run", "--name", name, "--log-driver", "gelf", "--log-opt", $"gelf-address=udp://127.0.0.1:{Port(receiver.Client)}", "busybox", "echo", "hello gelf")).Succeeded();

        var datagram = (await receiver.ReceiveAsync().WaitAsync(Shell.Patience)).Buffer;
        using var gzip = new GZipStream(new MemoryStream(datagram), CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(gzip);
        json.RootElement.GetProperty("short_message").GetString().ShouldBe("hello gelf");
        json.RootElement.GetProperty("_container_name").GetString().ShouldBe(name);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Fluentd_gets_entries_once_it_is_there_and_the_container_never_waited(string client)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var name = NewName("fluentd");

        // Nobody listens yet: the container runs to its end all the same.
        (await RunAsync(client, "run", "--name", name, "--log-driver", "fluentd", "--log-opt", $"fluentd-address=tcp://127.0.0.1:{Port(listener)}", "--log-opt", "tag=boat", "busybox", "sh", "-c", TenLines)).Succeeded();
        listener.Listen();
        using var connection = await listener.AcceptAsync().WaitAsync(Shell.Patience);
        var received = await ReadUntilAsync(connection, "line 9");

        received.ShouldStartWith("\x93\xa4" + "boat");
        Enumerable.Range(0, 10).ShouldAllBe(i => received.Contains($"\xa3log\xa6line {i}"));
        received.ShouldContain("\u00aecontainer_name");
    }

    [Fact]
    public async Task What_was_sent_again_as_often_as_asked_is_given_up()
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var name = NewName("givenup");

        (await RunAsync(Clients.Docker, "run", "--name", name, "--log-driver", "fluentd", "--log-opt", $"fluentd-address=127.0.0.1:{Port(nobody)}", "--log-opt", "fluentd-max-retries=1", "--log-opt", "fluentd-retry-wait=10ms", "busybox", "sh", "-c", TenLines)).Succeeded();

        var id = await InspectAsync(Clients.Docker, name, "{{.Id}}");
        await Eventually.HoldsAsync("the daemon tells what was given up", () => Daemon.Log.Contains($"10 log entries of container {id[..12]} were given up", StringComparison.Ordinal));
        (await RunAsync(Clients.Docker, "logs", name)).Lines.Length.ShouldBe(10);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_receiver_that_reads_nothing_holds_no_container_up(string client)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var name = NewName("unread");

        // Far more than the buffers of the kernel hold.
        (await RunAsync(client, "run", "--name", name, "--log-driver", "gelf", "--log-opt", $"gelf-address=tcp://127.0.0.1:{Port(listener)}", "--log-opt", "mode=non-blocking", "--log-opt", "max-buffer-size=64k",
            "busybox", "sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x | fold -w 999; echo; echo end >&2")).Ended(0).Stderr.ShouldBe("end\n");
    }

    internal static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    internal static async Task<string> ReadUntilAsync(Socket connection, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var read = await connection.ReceiveAsync(buffer).WaitAsync(Shell.Patience);
            read.ShouldBeGreaterThan(0, $"the connection ended after: {text}");
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private static async Task<string> DatagramAsync(UdpClient receiver) => Encoding.UTF8.GetString((await receiver.ReceiveAsync().WaitAsync(Shell.Patience)).Buffer);
}
