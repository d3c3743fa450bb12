using System.Text.Json.Serialization;

namespace Sampan.Engine.Containers.Endpoints;

/// <summary>A transport whose ports can be published.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PortProtocol>))]
public enum PortProtocol
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>SCTP.</summary>
    Sctp,
}
