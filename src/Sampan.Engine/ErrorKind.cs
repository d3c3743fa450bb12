namespace Sampan.Engine;

/// <summary>Why an operation of the engine failed; mapped to HTTP once, in the server's <c>ErrorMapping</c>.</summary>
public enum ErrorKind
{
    /// <summary>The request can never work as it stands.</summary>
    InvalidArgument,

    /// <summary>The named thing does not exist.</summary>
    NotFound,

    /// <summary>The thing exists but its present state forbids the operation.</summary>
    Conflict,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>Something the operation builds on is not as required.</summary>
    PreconditionFailed,

    /// <summary>No valid credentials were given.</summary>
    Unauthorized,

    /// <summary>The credentials, or the rules of the engine, do not allow it.</summary>
    Forbidden,

    /// <summary>This engine does not do it; the message names the option.</summary>
    NotSupported,

    /// <summary>It cannot be done now; trying later may work.</summary>
    Unavailable,

    /// <summary>The caller gave up.</summary>
    Cancelled,

    /// <summary>A fault of the engine or of the machine.</summary>
    Internal,
}
