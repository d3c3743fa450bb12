using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>What a security module of the kernel calls a process from its execve on. A label that no module would see is an error, never ignored.</summary>
/// <param name="File">The file below <c>/proc/self/attr</c> that takes it.</param>
/// <param name="Text">What is written there.</param>
internal sealed record SecurityLabels(string File, string Text)
{
    private const int SwitchMaxBytes = 16;
    private const string AppArmorSwitch = "/sys/module/apparmor/parameters/enabled";
    private const string SelinuxDirectory = "/sys/fs/selinux";
    private const string AppArmorUnconfined = "unconfined";

    /// <summary>The labels of a process; empty if it has none.</summary>
    /// <exception cref="RuntimeException">This kernel does not have the module.</exception>
    internal static IReadOnlyList<SecurityLabels> Of(OciProcess process)
    {
        var labels = new List<SecurityLabels>();
        if (process.ApparmorProfile is { Length: > 0 } profile)
        {
            if (HasAppArmor())
                labels.Add(new SecurityLabels(Directory.Exists("/proc/self/attr/apparmor") ? "attr/apparmor/exec" : "attr/exec", "exec " + profile));
            else if (profile != AppArmorUnconfined)
                throw new RuntimeException("labels", "process.apparmorProfile: apparmor is not enabled in this kernel");
        }
        if (process.SelinuxLabel is { Length: > 0 } label)
        {
            RequireSelinux("process.selinuxLabel");
            labels.Add(new SecurityLabels("attr/exec", label));
        }
        return labels;
    }

    /// <summary>Opens the files of this process that take labels. Early, while /proc is the host's: the container's may be covered or masked (CVE-2019-16884).</summary>
    internal static IReadOnlyList<SafeFd> Open(IReadOnlyList<SecurityLabels> labels) => [.. labels.Select(label => CurrentProcess.OpenProc(label.File))];

    /// <summary>Writes the labels. Late, when no other program will be started by this process: they go for the next execve, whatever it runs.</summary>
    internal static void Write(IReadOnlyList<SecurityLabels> labels, IReadOnlyList<SafeFd> files)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            try
            {
                files[i].WriteAll(Encoding.UTF8.GetBytes(labels[i].Text));
            }
            catch (LinuxException failure)
            {
                throw new RuntimeException("labels", $"cannot give the process the {(labels[i].Text.StartsWith("exec ", StringComparison.Ordinal) ? "apparmor profile" : "selinux label")} '{labels[i].Text}': {failure.Errno.Describe()}; is it loaded?", failure);
            }
        }
    }

    /// <summary>Throws unless the kernel has SELinux.</summary>
    /// <exception cref="RuntimeException">It does not.</exception>
    internal static void RequireSelinux(string member)
    {
        if (!System.IO.File.Exists(SelinuxDirectory + "/enforce"))
            throw new RuntimeException("labels", $"{member}: selinux is disabled or not supported by this kernel");
    }

    private static bool HasAppArmor()
    {
        try
        {
            return HostFile.Read(AppArmorSwitch, SwitchMaxBytes) is [(byte)'Y', ..];
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES)
        {
            return false;
        }
    }
}
