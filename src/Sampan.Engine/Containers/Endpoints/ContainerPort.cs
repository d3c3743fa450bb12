namespace Sampan.Engine.Containers.Endpoints;

/// <summary>A port inside a container, written <c>80/tcp</c>.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="Protocol">The transport.</param>
public readonly record struct ContainerPort(ushort Number, PortProtocol Protocol)
{
    /// <summary>Docker's notation.</summary>
    public override string ToString() => $"{Number}/{Protocol.ToString().ToLowerInvariant()}";

    /// <summary>Reads <c>80</c>, <c>80/tcp</c>, <c>53/udp</c>.</summary>
    /// <param name="text">Docker's notation of one port, not a range.</param>
    /// <param name="port">The port, if the text is one.</param>
    public static bool TryParse(string text, out ContainerPort port)
    {
        port = default;
        var slash = text.IndexOf('/');
        var digits = slash < 0 ? text : text[..slash];
        var name = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        PortProtocol? protocol = name switch { "tcp" or "" => PortProtocol.Tcp, "udp" => PortProtocol.Udp, "sctp" => PortProtocol.Sctp, _ => null };
        if (protocol is null || !ushort.TryParse(digits, System.Globalization.NumberStyles.None, null, out var number) || number == 0)
            return false;
        port = new ContainerPort(number, protocol.Value);
        return true;
    }
}
