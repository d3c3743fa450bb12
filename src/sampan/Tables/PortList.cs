using System.Globalization;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Tables;

/// <summary>The PORTS column: neighbouring ports are drawn together, "0.0.0.0:8080-8081->80-81/tcp".</summary>
internal static class PortList
{
    public static string Show(IReadOnlyList<PortSummary>? ports)
    {
        var groups = new List<Group>();
        foreach (var port in (ports ?? []).OrderBy(p => p.PrivatePort).ThenBy(p => p.IP ?? "", StringComparer.Ordinal).ThenBy(p => p.PublicPort ?? 0).ThenBy(p => p.Type, StringComparer.Ordinal))
        {
            // Only a published port that keeps its number is drawn together with its neighbours, as docker does it.
            string address = port.PublicPort is not null ? port.IP ?? "" : "";
            int offset = (port.PublicPort ?? port.PrivatePort) - port.PrivatePort;
            var last = groups.FindLast(g => g.Address == address && g.Type == port.Type && g.Published == (port.PublicPort is not null) && g.Offset == offset && g.To + 1 == port.PrivatePort);
            bool joins = last is not null && (offset == 0 || port.PublicPort is null);
            if (joins && last is not null) last.To = port.PrivatePort;
            else groups.Add(new Group(address, port.Type, port.PublicPort is not null, offset, port.PrivatePort));
        }
        return string.Join(", ", groups.Select(g => g.ToString()));
    }

    private sealed class Group(string address, string type, bool published, int offset, int from)
    {
        public string Address => address;

        public string Type => type;

        public bool Published => published;

        public int Offset => offset;

        public int From { get; } = from;

        public int To { get; set; } = from;

        public override string ToString()
        {
            string inside = Range(From, To);
            string host = address.Contains(':') ? $"[{address}]" : address;
            return published ? $"{host}:{Range(From + offset, To + offset)}->{inside}/{type}" : $"{inside}/{type}";
        }

        private static string Range(int from, int to) => from == to ? from.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{from}-{to}");
    }
}
