using System.Text.Json;
using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>What a runtime can do.</summary>
public static partial class SpecDocument
{
    /// <summary>Writes the features document.</summary>
    public static byte[] Write(Features features) => Write(json =>
    {
        json.WriteString("ociVersionMin"u8, features.OciVersionMin);
        json.WriteString("ociVersionMax"u8, features.OciVersionMax);
        json.WriteTexts("hooks"u8, features.Hooks);
        json.WriteTexts("mountOptions"u8, features.MountOptions);
        json.WriteObject("linux"u8, features.Linux, Write);
        json.WriteTexts("annotations"u8, features.Annotations);
        json.WriteTexts("potentiallyUnsafeConfigAnnotations"u8, features.PotentiallyUnsafeConfigAnnotations);
    });

    private static void Write(Utf8JsonWriter json, LinuxFeatures linux)
    {
        json.WriteTexts("namespaces"u8, linux.Namespaces);
        json.WriteTexts("capabilities"u8, linux.Capabilities);
        json.WriteObject("cgroup"u8, linux.Cgroup, static (json, cgroup) =>
        {
            json.WriteBoolean("v1"u8, cgroup.V1);
            json.WriteBoolean("v2"u8, cgroup.V2);
            json.WriteBoolean("systemd"u8, cgroup.Systemd);
            json.WriteBoolean("systemdUser"u8, cgroup.SystemdUser);
            json.WriteBoolean("rdma"u8, cgroup.Rdma);
        });
        json.WriteObject("seccomp"u8, linux.Seccomp, static (json, seccomp) =>
        {
            json.WriteBoolean("enabled"u8, seccomp.Enabled);
            json.WriteTexts("actions"u8, seccomp.Actions);
            json.WriteTexts("operators"u8, seccomp.Operators);
            json.WriteTexts("archs"u8, seccomp.Archs);
            json.WriteTexts("knownFlags"u8, seccomp.KnownFlags);
            json.WriteTexts("supportedFlags"u8, seccomp.SupportedFlags);
        });
        json.WriteObject("apparmor"u8, linux.Apparmor, Write);
        json.WriteObject("selinux"u8, linux.Selinux, Write);
        json.WriteObject("intelRdt"u8, linux.IntelRdt, Write);
        json.WriteObject("mountExtensions"u8, linux.MountExtensions, static (json, extensions) => json.WriteObject("idmap"u8, extensions.Idmap, Write));
        json.WriteObject("netDevices"u8, linux.NetDevices, Write);
    }

    private static void Write(Utf8JsonWriter json, EnabledFeature feature) => json.WriteBoolean("enabled"u8, feature.Enabled);
}
