namespace Sampan.Network;

/// <summary>A transport protocol whose ports can be published; the values are the numbers of the Internet Protocol.</summary>
public enum PortProtocol
{
    /// <summary>Transmission Control Protocol.</summary>
    Tcp = 6,

    /// <summary>User Datagram Protocol.</summary>
    Udp = 17,

    /// <summary>Stream Control Transmission Protocol.</summary>
    Sctp = 132,
}
