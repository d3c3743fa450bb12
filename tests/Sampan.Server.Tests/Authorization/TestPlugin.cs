using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.Server.Authorization;
using Sampan.Server.Http;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Authorization;

/// <summary>An authorization plugin on a socket of its own that remembers what it was shown.</summary>
internal sealed class TestPlugin : IAsyncDisposable
{
    private readonly ServedRoutes _served;

    private TestPlugin(ServedRoutes served) => _served = served;

    /// <summary>What it was asked, in order, with the act as <c>act</c>.</summary>
    internal List<JsonObject> Seen { get; } = [];

    /// <summary>Decides; null: allowed.</summary>
    internal Func<JsonObject, string?> Denies { get; set; } = _ => null;

    internal static async Task<TestPlugin> StartAsync(string implements = "authz")
    {
        TestPlugin? plugin = null;
        var routes = new RouteTable()
            .Map("POST", "/Plugin.Activate", x => x.WriteBytesAsync(200, "application/json", Encoding.UTF8.GetBytes($$"""{"Implements":["{{implements}}"]}""")))
            .Map("POST", "/AuthZPlugin.AuthZReq", x => plugin!.DecideAsync(x, "request"))
            .Map("POST", "/AuthZPlugin.AuthZRes", x => plugin!.DecideAsync(x, "answer"));
        return plugin = new TestPlugin(await ServedRoutes.StartAsync(routes));
    }

    /// <summary>The engine's line to it.</summary>
    internal AuthorizationPlugin Line(string name = "guard") => new(name, () => new UnixDomainSocketEndPoint(_served.SocketPath));

    public ValueTask DisposeAsync() => _served.DisposeAsync();

    private async Task DecideAsync(Exchange x, string act)
    {
        var message = JsonNode.Parse((await x.ReadBodyAsync()).Span)!.AsObject();
        message["act"] = act;
        string? denied;
        lock (Seen)
        {
            Seen.Add(message);
            denied = Denies(message);
        }

        var verdict = new JsonObject { ["Allow"] = denied is null, ["Msg"] = denied ?? "" };
        await x.WriteBytesAsync(200, "application/json", JsonSerializer.SerializeToUtf8Bytes(verdict));
    }
}
