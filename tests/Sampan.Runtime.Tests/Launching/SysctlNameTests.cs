using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Tests.Launching;

public sealed class SysctlNameTests
{
    [Theory]
    [InlineData("net.ipv4.ip_forward")]
    [InlineData("net/ipv4/conf/eth0.1/forwarding")]
    [InlineData("net.ipv4.conf.eth0/1.forwarding")]
    [InlineData("net.ipv6.conf.br-1a:2.accept_ra")]
    [InlineData("fs.mqueue.msg_max")]
    [InlineData("kernel.shmmax")]
    [InlineData("kernel.domainname")]
    public void Parameters_of_own_namespaces_may_be_set(string name)
    {
        SysctlNames.IsNamespaced(name, ipc: true, network: true, uts: true).ShouldBeTrue();
        SysctlNames.IsNamespaced(name, ipc: false, network: false, uts: false).ShouldBeFalse();
    }

    [Theory]
    [InlineData("kernel.core_pattern")]
    [InlineData("net/../kernel/core_pattern")]
    [InlineData("net.//.kernel.core_pattern")]
    [InlineData("net/./x")]
    [InlineData("net//x")]
    [InlineData("net/")]
    [InlineData("net.ipv4.x+kernel.y=1")]
    [InlineData("fs/mqueue/../../kernel/modprobe")]
    [InlineData("net/a\0b")]
    [InlineData("net/a b")]
    [InlineData("")]
    public void CVE_2022_0811_no_spelling_leads_to_the_hosts(string name) =>
        SysctlNames.IsNamespaced(name, ipc: true, network: true, uts: true).ShouldBeFalse();
}
