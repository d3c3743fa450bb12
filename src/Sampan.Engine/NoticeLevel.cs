namespace Sampan.Engine;

/// <summary>How much a notice matters.</summary>
public enum NoticeLevel
{
    /// <summary>For those who look for a fault.</summary>
    Debug,

    /// <summary>Something a person did.</summary>
    Information,

    /// <summary>The engine coped.</summary>
    Warning,

    /// <summary>Someone must look.</summary>
    Error,
}
