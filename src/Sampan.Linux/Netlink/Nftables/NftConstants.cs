namespace Sampan.Linux.Netlink.Nftables;

/// <summary>&lt;linux/netfilter/nf_tables.h&gt; and &lt;linux/netfilter/nfnetlink.h&gt;: names as the kernel has them.</summary>
internal static class NftConstants
{
    internal const ushort NFNL_MSG_BATCH_BEGIN = 16;
    internal const ushort NFNL_MSG_BATCH_END = 17;
    internal const ushort NFNL_SUBSYS_NFTABLES = 10;

    internal const byte NFT_MSG_NEWTABLE = 0;
    internal const byte NFT_MSG_GETTABLE = 1;
    internal const byte NFT_MSG_DELTABLE = 2;
    internal const byte NFT_MSG_NEWCHAIN = 3;
    internal const byte NFT_MSG_GETCHAIN = 4;
    internal const byte NFT_MSG_DELCHAIN = 5;
    internal const byte NFT_MSG_NEWRULE = 6;
    internal const byte NFT_MSG_DELRULE = 8;
    internal const byte NFT_MSG_NEWSET = 9;
    internal const byte NFT_MSG_GETSET = 10;
    internal const byte NFT_MSG_DELSET = 11;
    internal const byte NFT_MSG_NEWSETELEM = 12;
    internal const byte NFT_MSG_GETSETELEM = 13;
    internal const byte NFT_MSG_DELSETELEM = 14;
    internal const byte NFT_MSG_GETGEN = 16;

    internal const ushort NFNL_BATCH_GENID = 1;
    internal const ushort NFTA_GEN_ID = 1;
    internal const ushort NFTA_LIST_ELEM = 1;
    internal const ushort NFTA_TABLE_NAME = 1;
    internal const ushort NFTA_TABLE_FLAGS = 2;
    internal const ushort NFTA_CHAIN_TABLE = 1;
    internal const ushort NFTA_CHAIN_NAME = 3;
    internal const ushort NFTA_CHAIN_HOOK = 4;
    internal const ushort NFTA_CHAIN_POLICY = 5;
    internal const ushort NFTA_CHAIN_TYPE = 7;
    internal const ushort NFTA_HOOK_HOOKNUM = 1;
    internal const ushort NFTA_HOOK_PRIORITY = 2;
    internal const ushort NFTA_RULE_TABLE = 1;
    internal const ushort NFTA_RULE_CHAIN = 2;
    internal const ushort NFTA_RULE_EXPRESSIONS = 4;
    internal const ushort NFTA_RULE_USERDATA = 7;
    internal const ushort NFTA_EXPR_NAME = 1;
    internal const ushort NFTA_EXPR_DATA = 2;
    internal const ushort NFTA_SET_TABLE = 1;
    internal const ushort NFTA_SET_NAME = 2;
    internal const ushort NFTA_SET_FLAGS = 3;
    internal const ushort NFTA_SET_KEY_TYPE = 4;
    internal const ushort NFTA_SET_KEY_LEN = 5;
    internal const ushort NFTA_SET_DATA_TYPE = 6;
    internal const ushort NFTA_SET_DATA_LEN = 7;
    internal const ushort NFTA_SET_DESC = 9;
    internal const ushort NFTA_SET_ID = 10;
    internal const ushort NFTA_SET_TIMEOUT = 11;
    internal const ushort NFTA_SET_DESC_SIZE = 1;
    internal const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    internal const ushort NFTA_SET_ELEM_LIST_SET = 2;
    internal const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    internal const ushort NFTA_SET_ELEM_KEY = 1;
    internal const ushort NFTA_SET_ELEM_DATA = 2;
    internal const ushort NFTA_DATA_VALUE = 1;
    internal const ushort NFTA_DATA_VERDICT = 2;
    internal const ushort NFTA_VERDICT_CODE = 1;
    internal const ushort NFTA_VERDICT_CHAIN = 2;
    internal const uint NFT_SET_ANONYMOUS = 1;
    internal const uint NFT_SET_MAP = 8;
    internal const uint NFT_SET_TIMEOUT = 16;
    internal const uint NFT_SET_EVAL = 32;

    internal const int NFT_REG_VERDICT = 0;
    internal const int NFT_REG_1 = 1;

    /// <summary>The first of sixteen four-byte registers; NFT_REG_1 is the first four of them.</summary>
    internal const int NFT_REG32_00 = 8;
}
