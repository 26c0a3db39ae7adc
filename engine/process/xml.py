"""Reading a process or decision file as hostile XML: bounded, no document type, no entities, no network.

Every XML byte of a bundle passes through `read_xml` before anything else looks at it.
"""

from __future__ import annotations

from lxml import etree

from engine.errors import ProcessError

MAX_BYTES = 512 * 1024

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "dmn": DMN, "spiffworkflow": SPIFF}


def read_xml(content: bytes, filename: str) -> etree._Element:
    """The root of a well-formed, bounded file without a document type. Raises ProcessError naming the file."""
    if len(content) > MAX_BYTES:
        raise ProcessError(f"{filename}：文件超过 {MAX_BYTES // 1024} KB。", "请把流程拆成几个文件。")
    _refuse_document_type(content, filename)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ProcessError(f"{filename}：不是完整的 XML({error})。", "请用流程编辑器重新保存。") from error


def _refuse_document_type(content: bytes, filename: str) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProcessError(f"{filename}：不是 UTF-8 编码。", "请用流程编辑器重新保存。") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ProcessError(f"{filename}：含有文档类型或实体声明。", "流程文件不得使用 DTD 和实体，请删去。")


def local_name(node: etree._Element) -> str:
    """The tag without its namespace."""
    return str(etree.QName(node).localname)


def is_in(node: etree._Element, namespace: str) -> bool:
    """Whether the element belongs to `namespace`; comments and instructions belong to none."""
    return isinstance(node.tag, str) and node.tag.startswith(f"{{{namespace}}}")
