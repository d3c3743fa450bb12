using System.Globalization;
using System.Net;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>The short form of a port, <c>[[IP:]HOST:]CONTAINER[/PROTOCOL]</c>, each a number or a range, as long forms, one for each port of the container.</summary>
internal static class PortForm
{
    private const string Form = "a port such as 80, 8080:80, 127.0.0.1:8080:80, 8000-8010:8000-8010 or 53:53/udp";

    public static IReadOnlyList<Node>? Read(Scalar scalar, Reading reading, DocumentPath path)
    {
        if (Parse(scalar.Text) is { } ports) return ports;
        reading.Expected(scalar, path, Form);
        return null;
    }

    /// <summary>What makes two ports the same.</summary>
    public static string Key(Node node) => node is Mapping m ? $"{m.Text("host_ip")}|{m.Text("target")}|{m.Text("published")}|{m.Text("protocol") ?? "tcp"}" : "";

    /// <summary>A port or a range of them; null: it is neither.</summary>
    public static (int First, int Last)? Range(string text)
    {
        int dash = text.IndexOf('-');
        if (!TryPort(dash < 0 ? text : text[..dash], out int first)) return null;
        int last = first;
        if (dash >= 0 && !TryPort(text[(dash + 1)..], out last)) return null;
        return last < first ? null : (first, last);
    }

    private static List<Node>? Parse(string text)
    {
        string protocol = "tcp";
        int slash = text.IndexOf('/');
        if (slash >= 0)
        {
            protocol = text[(slash + 1)..].ToLowerInvariant();
            if (protocol is not ("tcp" or "udp" or "sctp")) return null;
            text = text[..slash];
        }
        int colon = text.LastIndexOf(':');
        string target = text[(colon + 1)..];
        string rest = colon < 0 ? "" : text[..colon];
        string? ip = null;
        int hostColon = rest.LastIndexOf(':');
        string published = rest;
        if (hostColon >= 0)
        {
            ip = rest[..hostColon].Trim('[', ']');
            published = rest[(hostColon + 1)..];
            if (!IPAddress.TryParse(ip, out _)) return null;
        }
        if (Range(target) is not var (first, last)) return null;
        var host = published.Length > 0 ? Range(published) : null;
        if (published.Length > 0 && host is null) return null;
        int count = last - first + 1;
        // A range of the host for one port of the container: the engine takes one that is free.
        bool isChoice = host is { } h && count == 1 && h.Last > h.First;
        if (host is { } range && !isChoice && range.Last - range.First + 1 != count) return null;
        var ports = new List<Node>();
        for (int i = 0; i < count; i++)
        {
            string? hostPort = host is null ? null : isChoice ? published : (host.Value.First + i).ToString(CultureInfo.InvariantCulture);
            var members = new List<Member> { new("mode", Position.None, Scalar.Of("ingress")) };
            if (ip is not null) members.Add(new("host_ip", Position.None, Scalar.Of(ip)));
            members.Add(new("target", Position.None, Scalar.Of(first + i)));
            if (hostPort is not null) members.Add(new("published", Position.None, Scalar.Of(hostPort)));
            members.Add(new("protocol", Position.None, Scalar.Of(protocol)));
            ports.Add(new Mapping(Position.None, members));
        }
        return ports;
    }

    private static bool TryPort(string text, out int port) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
