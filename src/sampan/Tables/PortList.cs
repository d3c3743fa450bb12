using System.Globalization;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Tables;

/// <summary>
/// The PORTS column, in docker's order: neighbouring ports that are not published, or published under their own number, drawn
/// together ("0.0.0.0:80-82->80-82/tcp"), then the other published ones.
/// </summary>
internal static class PortList
{
    public static string Show(IReadOnlyList<PortSummary>? ports)
    {
        if (ports is not { Count: > 0 }) return "";
        // Not OrderBy(…).ThenBy(…), whose generic virtual methods are looked up at run time: longer than all else a table takes.
        var ordered = new List<PortSummary>(ports);
        ordered.Sort(Compare);
        var shown = new List<string>();
        var published = new List<string>();
        // In order of their first port: a group that breaks off is shown at once, the last of each address and protocol at the end.
        var open = new List<Group>();
        foreach (var port in ordered)
        {
            string address = port.IP ?? "";
            if (address.Length > 0 && port.PublicPort != port.PrivatePort)
            {
                published.Add($"{Host(address)}:{Text(port.PublicPort ?? 0)}->{Text(port.PrivatePort)}/{port.Type}");
                continue;
            }
            var group = open.Find(g => g.Address == address && g.Type == port.Type);
            if (group is null) open.Add(new Group(address, port.Type, port.PrivatePort));
            else if (!group.Takes(port.PrivatePort))
            {
                shown.Add(group.ToString());
                open[open.IndexOf(group)] = new Group(address, port.Type, port.PrivatePort);
            }
        }
        return string.Join(", ", [.. shown, .. open.Select(g => g.ToString()), .. published]);
    }

    private static int Compare(PortSummary a, PortSummary b)
    {
        int order = a.PrivatePort.CompareTo(b.PrivatePort);
        if (order == 0) order = string.CompareOrdinal(a.IP ?? "", b.IP ?? "");
        if (order == 0) order = (a.PublicPort ?? 0).CompareTo(b.PublicPort ?? 0);
        return order != 0 ? order : string.CompareOrdinal(a.Type, b.Type);
    }

    private static string Host(string address) => address.Contains(':') ? $"[{address}]" : address;

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private sealed class Group(string address, string type, int from)
    {
        private readonly int _from = from;
        private int _to = from;

        public string Address => address;

        public string Type => type;

        /// <summary>Takes the port in if it is the next one.</summary>
        public bool Takes(int port)
        {
            if (port != _to + 1) return false;
            _to = port;
            return true;
        }

        public override string ToString()
        {
            string range = _from == _to ? Text(_from) : $"{Text(_from)}-{Text(_to)}";
            return address.Length > 0 ? $"{Host(address)}:{range}->{range}/{type}" : $"{range}/{type}";
        }
    }
}
