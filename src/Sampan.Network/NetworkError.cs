namespace Sampan.Network;

/// <summary>Why a network operation could not be done.</summary>
public enum NetworkError
{
    /// <summary>What was asked makes no sense: a malformed address, an address outside the subnet, an impossible port range.</summary>
    InvalidInput,

    /// <summary>No such network or endpoint.</summary>
    NotFound,

    /// <summary>Nobody may do that: remove a predefined network or one in use, leave the host's network.</summary>
    Forbidden,

    /// <summary>The container is not on that network.</summary>
    NotConnected,

    /// <summary>What was asked collides with what is there: an address or a name in use, a network with endpoints.</summary>
    Conflict,

    /// <summary>A host port is held by another container or another process.</summary>
    PortInUse,

    /// <summary>No address, port or subnet is left.</summary>
    Exhausted,

    /// <summary>This machine or this version cannot do it.</summary>
    NotSupported,

    /// <summary>The kernel refused something it should not refuse.</summary>
    Internal,
}
