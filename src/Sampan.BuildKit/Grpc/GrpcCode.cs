namespace Sampan.BuildKit.Grpc;

/// <summary>How a call ended, by gRPC's numbers.</summary>
public enum GrpcCode
{
    /// <summary>Well.</summary>
    Ok = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>For a reason that has no number.</summary>
    Unknown = 2,

    /// <summary>The request is wrong, whatever the state.</summary>
    InvalidArgument = 3,

    /// <summary>Time ran out.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>What was to be made is there.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not.</summary>
    PermissionDenied = 7,

    /// <summary>Something is used up, or a message is too large.</summary>
    ResourceExhausted = 8,

    /// <summary>The state forbids it.</summary>
    FailedPrecondition = 9,

    /// <summary>Somebody else came first.</summary>
    Aborted = 10,

    /// <summary>Past the end.</summary>
    OutOfRange = 11,

    /// <summary>The other side has no such method.</summary>
    Unimplemented = 12,

    /// <summary>The protocol was broken.</summary>
    Internal = 13,

    /// <summary>The other side is not there, for now.</summary>
    Unavailable = 14,

    /// <summary>Data are lost.</summary>
    DataLoss = 15,

    /// <summary>The caller has not said who it is.</summary>
    Unauthenticated = 16,
}
