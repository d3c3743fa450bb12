namespace Sampan.Linux.Io;

/// <summary>How a rename treats a target that is there; see <see href="https://man7.org/linux/man-pages/man2/renameat2.2.html">renameat2(2)</see>.</summary>
public enum RenameFlags
{
    /// <summary>It is replaced.</summary>
    Replace = 0,

    /// <summary>RENAME_NOREPLACE: fail with EEXIST.</summary>
    NoReplace = 1,

    /// <summary>RENAME_EXCHANGE: the two change places.</summary>
    Exchange = 2,

    /// <summary>RENAME_WHITEOUT: leave a whiteout at the source.</summary>
    Whiteout = 4,
}
