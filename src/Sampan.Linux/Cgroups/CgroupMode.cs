namespace Sampan.Linux.Cgroups;

/// <summary>Which generation of control groups the host runs.</summary>
public enum CgroupMode
{
    /// <summary>One hierarchy per controller.</summary>
    V1,

    /// <summary>Controllers on v1, and a v2 hierarchy beside them.</summary>
    Hybrid,

    /// <summary>One hierarchy for all.</summary>
    V2,
}
