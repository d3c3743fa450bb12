namespace Sampan.Runtime.Supervision;

/// <summary>
/// Messages on a supervisor's socket. Each is a header (<see cref="ControlHeader"/>) and a payload; a request is answered once, under its number,
/// by Done or Failed. A connection that asked for Attach or Exec carries raw bytes after Done and no more messages.
/// </summary>
internal enum ControlKind : byte
{
    /// <summary>Supervisor, first on every connection: pids and whether the program was started.</summary>
    Hello = 1,

    /// <summary>Supervisor: the request succeeded; a payload if it has a result.</summary>
    Done = 2,

    /// <summary>Supervisor: the request failed; the payload is an <see cref="Launching.InitFailure"/>.</summary>
    Failed = 3,

    /// <summary>Supervisor, unasked: the container is gone; an <see cref="ExitRecord"/> as JSON.</summary>
    Exited = 4,

    /// <summary>Supervisor, unasked: an exec ended; exit code, signal, its id.</summary>
    ExecExited = 5,

    /// <summary>Client: run the program.</summary>
    Start = 16,

    /// <summary>Client: signal, to init or to all.</summary>
    Signal = 17,

    /// <summary>Client: rows, columns, and the id of an exec or nothing for the container.</summary>
    Resize = 18,

    /// <summary>Client: freeze.</summary>
    Pause = 19,

    /// <summary>Client: thaw.</summary>
    Resume = 20,

    /// <summary>Client: new limits as JSON.</summary>
    Update = 21,

    /// <summary>Client: tell when the log has grown past a number of bytes.</summary>
    WaitLog = 22,

    /// <summary>Client: make this connection a stream of the container.</summary>
    Attach = 23,

    /// <summary>Client: run a further process; this connection becomes its stream.</summary>
    Exec = 24,

    /// <summary>Client: keep copies of these open files of its until the container ends, for the next client: its pid, their numbers.</summary>
    Keep = 25,

    /// <summary>Client: tell the numbers of what is kept.</summary>
    Kept = 26,
}
