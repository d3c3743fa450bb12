using System.Globalization;
using System.Net;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>
/// Many who make, remove, connect, disconnect, publish, rename and give up at once; then a daemon that is replaced by another. After each round tables,
/// records and kernel say the same. Two rounds each time, a hundred with <c>SAMPAN_SOAK=1</c>; <c>SAMPAN_SEED</c> chooses others.
/// </summary>
[Trait("guest", "long")]
public class StormTests
{
    private const int Workers = 8;
    private const int Steps = 25;
    private static readonly int s_rounds = Environment.GetEnvironmentVariable("SAMPAN_SOAK") == "1" ? 100 : 2;
    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("SAMPAN_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 20261121;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_storm_leaves_records_and_kernel_in_agreement(int poolSize)
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { PoolSize = poolSize });
        for (var round = 0; round < s_rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => WorkAsync(net, new Random(s_seed + (round * Workers) + worker))));
            Agreement.Check(net);

            // The next daemon finds it all; some containers ended while none was there.
            await net.StopAsync();
            await net.StartAsync();
            var living = net.Service.Networks.SelectMany(n => n.Members).Select(m => m.ContainerId).Distinct().Where(id => (id[^1] + round) % 3 != 0).ToList();
            await net.Service.AdoptAsync(living, CancellationToken.None);
            net.Service.Networks.SelectMany(n => n.Members).Select(m => m.ContainerId).Distinct().ShouldBe(living, ignoreOrder: true);
            Agreement.Check(net);
        }

        await net.Service.ReleaseAllAsync(CancellationToken.None);
        net.Host.Tables().ShouldBeEmpty();
        net.Host.Links().ShouldNotContain(l => l.Kind == "bridge");
    }

    private static async Task WorkAsync(NetworkFixture net, Random random)
    {
        for (var step = 0; step < Steps; step++)
        {
            using var given = random.Next(3) == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(30))) : new CancellationTokenSource();
            try
            {
                await ActAsync(net, random, given.Token);
            }
            catch (NetworkException refused) when (refused.Kind is NetworkError.Conflict or NetworkError.Forbidden or NetworkError.NotFound or NetworkError.NotConnected or NetworkError.InvalidInput or NetworkError.PortInUse)
            {
                // Somebody was quicker.
            }
            catch (OperationCanceledException) when (given.IsCancellationRequested)
            {
                // Given up: it was not begun, or it is undone.
            }
        }
    }

    private static async Task ActAsync(NetworkFixture net, Random random, CancellationToken ct)
    {
        var network = random.Next(7) is var number && number == 6 ? "bridge" : $"n{number}";
        var container = $"c{random.Next(8)}";
        var there = net.Service.Networks.FirstOrDefault(n => n.Name == network);
        switch (random.Next(9))
        {
            case 0:
                await net.Service.CreateAsync(new NetworkRequest { Name = network, Internal = random.Next(4) == 0, IPv6 = random.Next(3) == 0 ? true : null }, ct);
                break;
            case 1 when there is not null:
                await net.Service.RemoveAsync(there.Id, ct);
                break;
            case 2 when there is not null:
                await net.Service.DisconnectAsync(container, there.Id, ct);
                break;
            case 3:
                await net.Service.DisconnectAsync(container, ct);
                break;
            case 4:
                await net.Service.RenameAsync(container, container + random.Next(3), ct);
                break;
            case 5:
                var mine = net.Service.Networks.SelectMany(n => n.Members).FirstOrDefault(m => m.ContainerId == container && m.Ports.Count > 1);
                await net.Service.ChangePortsAsync(container, [new() { ContainerPort = 81 }], mine is null ? [] : [new HostPort(mine.Ports[0].Protocol, mine.Ports[0].HostPort)], ct);
                break;
            default:
                var address = there?.Subnets.Count > 0 && random.Next(3) == 0 && IPAddress.TryParse(there.Subnets[0].Subnet.Split('/')[0], out var first) && first.GetAddressBytes() is { Length: 4 } bytes ? $"{bytes[0]}.{bytes[1]}.{bytes[2]}.{random.Next(2, 12)}" : null;
                var attachment = await net.Service.ConnectAsync(
                    new EndpointRequest { ContainerId = container, NetworkName = network, Hostname = container, IPv4Address = address, Aliases = ["all"], GatewayPriority = random.Next(3), Ports = [new() { ContainerPort = 80 }] }, ct);
                await attachment.Wired;
                break;
        }
    }
}
