using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class NetworkTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Page = "mkdir -p /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www";

    [Theory, MemberData(nameof(Both))]
    public async Task A_container_has_its_own_address_route_and_hosts_file(string client)
    {
        var name = NewName("addressed");
        var id = await SleeperAsync(client, name);

        var address = await InspectAsync(client, name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");
        address.ShouldStartWith($"{Daemon.Subnet}.");
        (await RunAsync(client, "exec", name, "ip", "-o", "-4", "addr", "show", "eth0")).Succeeded().ShouldContain($"inet {address}/24");
        (await RunAsync(client, "exec", name, "ip", "route")).Succeeded().ShouldContain($"default via {Daemon.Subnet}.1 dev eth0");
        (await RunAsync(client, "exec", name, "hostname")).Succeeded().ShouldBe(id[..12]);
        (await RunAsync(client, "exec", name, "cat", "/etc/hostname")).Succeeded().ShouldBe(id[..12]);
        (await RunAsync(client, "exec", name, "cat", "/etc/hosts")).Succeeded().ShouldContain($"{address}\t{id[..12]}");
        (await RunAsync(client, "exec", name, "ping", "-c1", "-W30", $"{Daemon.Subnet}.1")).Succeeded();
        (await RunAsync(client, "exec", name, "cat", "/etc/resolv.conf")).Succeeded().ShouldNotContain("nameserver 127.");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Containers_on_the_bridge_reach_each_other(string client)
    {
        var name = NewName("server");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", Page)).Succeeded();
        var address = await InspectAsync(client, name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");

        await Eventually.HoldsAsync("the neighbour answers", async () => (await RunAsync(client, "run", "--rm", "busybox", "wget", "-q", "-O-", $"http://{address}/")).Text == "page");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_published_port_answers_on_loopback_and_on_the_bridges_address(string client)
    {
        var name = NewName("published");
        (await RunAsync(client, "run", "-d", "--name", name, "-p", "80", "busybox", "sh", "-c", Page)).Succeeded();

        var port = (await RunAsync(client, "port", name, "80/tcp")).Lines[0].Split(':')[^1];
        (await RunAsync(client, "ps", "--filter", $"name={name}", "--format", "{{.Ports}}")).Text.ShouldContain($"0.0.0.0:{port}->80/tcp");
        await Eventually.HoldsAsync("the port answers on 127.0.0.1", async () => (await FetchAsync($"http://127.0.0.1:{port}/")) == "page\n");
        (await FetchAsync($"http://{Daemon.Subnet}.1:{port}/")).ShouldBe("page\n");
        (await RunAsync(client, "run", "--rm", "busybox", "wget", "-q", "-O-", $"http://{Daemon.Subnet}.1:{port}/")).Succeeded("a container reaches another's published port").ShouldBe("page");

        (await RunAsync(client, "rm", "-f", name)).Succeeded();
        (await FetchAsync($"http://127.0.0.1:{port}/")).ShouldBeNull("the port is free again");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_published_udp_port_carries_datagrams_both_ways(string client)
    {
        const string Echo = """
            socket(S, 2, 2, 17) and bind(S, pack("S n x12", 2, 9000)) or die $!;
            while ($from = recv(S, $data, 1500, 0)) { send(S, $data, 0, $from) }
            """;
        await Shared.WithAsync("debian");
        var name = NewName("udp");
        (await RunAsync(client, "run", "-d", "--name", name, "-p", "127.0.0.1::9000/udp", "debian", "perl", "-e", Echo)).Succeeded();
        var port = int.Parse((await RunAsync(client, "port", name, "9000/udp")).Lines[0].Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);

        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, port);
        await Eventually.HoldsAsync("the datagram comes back", async () =>
        {
            try
            {
                await socket.SendAsync("ping"u8.ToArray());
                using var patience = new CancellationTokenSource(500);
                return Encoding.ASCII.GetString((await socket.ReceiveAsync(patience.Token)).Buffer) == "ping";
            }
            catch (Exception notYet) when (notYet is OperationCanceledException or SocketException)
            {
                return false;
            }
        });
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Nginx_of_debian_serves_on_a_chosen_port(string client)
    {
        await Shared.WithAsync("nginx");
        var name = NewName("web");
        var port = FreePort.Next();
        (await RunAsync(client, "run", "-d", "--name", name, "-p", $"{port}:80", "nginx")).Succeeded();

        await Eventually.HoldsAsync("nginx answers", async () => (await FetchAsync($"http://127.0.0.1:{port}/"))?.Contains("Welcome to nginx on Sampan") == true);
        await Eventually.HoldsAsync("nginx has logged the request", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("\"GET / HTTP/1.1\" 200"));
        (await RunAsync(client, "exec", name, "perl", "-e", "print 6*7")).Succeeded().ShouldBe("42");
        (await RunAsync(client, "stop", name)).Succeeded();
        (await InspectAsync(client, name, "{{.State.ExitCode}}")).ShouldBe("0", "SIGQUIT, the image's stop signal, ends nginx gracefully");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_port_in_use_is_refused_and_nothing_half_made_stays(string client)
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var name = NewName("refused");
        var before = await Census.TakeAsync(Daemon);

        (await RunAsync(client, "run", "-d", "--name", name, "-p", $"{port}:80", "busybox", "sleep", "60")).Ended(125).Saying($"{port}").Saying("already");

        (await InspectAsync(client, name, "{{.State.Status}}")).ShouldBe("created");
        (await RunAsync(client, "rm", name)).Succeeded();
        await Census.ReturnsToAsync(Daemon, before);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Two_containers_cannot_publish_the_same_port(string client)
    {
        var port = FreePort.Next();
        (await RunAsync(client, "run", "-d", "-p", $"{port}:80", "busybox", "sleep", "60")).Succeeded();

        (await RunAsync(client, "run", "-d", "-p", $"{port}:80", "busybox", "sleep", "60")).Ended(125).Saying("port is already allocated");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Network_none_has_loopback_only(string client)
        => (await BusyboxAsync(client, "ls /sys/class/net; ip -4 -o addr show lo", "--network", "none")).Split('\n')[0].ShouldBe("lo");

    [Theory, MemberData(nameof(Both))]
    public async Task Network_host_is_the_hosts_own(string client)
    {
        var own = new FileInfo("/proc/self/ns/net").LinkTarget;

        (await RunAsync(client, "run", "--rm", "--network", "host", "busybox", "readlink", "/proc/self/ns/net")).Succeeded().ShouldBe(own);
        (await RunAsync(client, "run", "--rm", "--network", "host", "busybox", "hostname")).Succeeded().ShouldBe(Environment.MachineName);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Network_of_another_container_is_shared(string client)
    {
        var name = NewName("shared");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", Page)).Succeeded();

        await Eventually.HoldsAsync("localhost is the other's", async () =>
            (await RunAsync(client, "run", "--rm", "--network", $"container:{name}", "busybox", "wget", "-q", "-O-", "http://127.0.0.1/")).Text == "page");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Network_ls_and_inspect_know_the_three_networks(string client)
    {
        (await RunAsync(client, "network", "ls", "--filter", "type=builtin", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")).Lines.ShouldBe(["bridge bridge local", "host host local", "none null local"]);
        using var bridge = JsonDocument.Parse((await RunAsync(client, "network", "inspect", "bridge")).Succeeded());
        bridge.RootElement[0].GetProperty("IPAM").GetProperty("Config")[0].GetProperty("Subnet").GetString().ShouldBe($"{Daemon.Subnet}.0/24");
        (await RunAsync(client, "network", "inspect", "no-such-network")).Ended(1).Saying("no-such-network not found");
    }

    [Fact]
    public async Task The_hosts_rules_of_others_are_left_alone()
    {
        var others = await OtherTablesAsync();
        await SleeperAsync(Clients.Sampan, NewName("quiet"), "-p", "80");

        (await OtherTablesAsync()).ShouldBe(others);
    }

    private async Task<string> OtherTablesAsync()
    {
        var own = await Census.TablesOfAsync(Daemon.Bridge);
        var listing = await Shell.ShAsync("nft list tables | sort");
        return string.Join('\n', listing.Lines.Where(line => !own.Any(table => line.EndsWith(table, StringComparison.Ordinal))));
    }

    internal static async Task<string?> FetchAsync(string url)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        try
        {
            return await http.GetStringAsync(url);
        }
        catch (Exception refused) when (refused is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
