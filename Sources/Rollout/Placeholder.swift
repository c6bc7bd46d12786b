import Crypto
import CArchive
